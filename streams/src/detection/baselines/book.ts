import { BaselinePiece } from '@custodia/contracts'
import type { EventLog, LogRecord } from '../../event-log/index.js'
import type { Baselines } from './freeze.js'

/** What was frozen is never in force earlier than this after its last piece was appended, however long the append took. */
const NOTICE_MS = 500
/** The log is asked this often at most; well below the notice, so that nothing can be missed. */
const ASK_AGAIN_MS = 300

interface Entry {
  date: string
  from: number
  baselines: Baselines
}

type Pieces = (BaselinePiece | undefined)[]

/**
 * The frozen baselines in the log, read back in order: the same for every partition and every replay. Of a date the first
 * freezing that is whole counts; two workers that froze the same day do no harm.
 */
export class BaselineBook {
  private readonly entries: Entry[] = []
  private readonly begun = new Map<string, Pieces>()
  private next = 0
  private askedAt = -Infinity
  private asking: Promise<void> = Promise.resolve()

  constructor(
    private readonly log: EventLog,
    private readonly now: () => number,
  ) {}

  /** Resolves when everything that can be in force at `at`, a log-append time, is known here. */
  async knowsUntil(at: number): Promise<void> {
    if (at <= this.askedAt + ASK_AGAIN_MS) return
    const turn = this.asking.then(() => (at > this.askedAt + ASK_AGAIN_MS ? this.readOn() : undefined))
    this.asking = turn.catch(() => undefined) // whoever asked is told; the next one asks again
    return turn
  }

  inForce(at: number): Baselines | undefined {
    return this.entries.findLast(({ from }) => from <= at)?.baselines
  }

  /** the local day that it was frozen for */
  dateInForce(at: number): string | undefined {
    return this.entries.findLast(({ from }) => from <= at)?.date
  }

  has(date: string): boolean {
    return this.entries.some((entry) => entry.date === date)
  }

  private async readOn(): Promise<void> {
    const asked = this.now()
    const [range] = await this.log.range('baselines')
    this.next = Math.max(this.next, range?.start ?? 0)
    for await (const record of this.log.read('baselines', 0, this.next, range?.end)) {
      this.next = record.offset + 1
      this.add(record)
    }
    this.askedAt = asked
  }

  private add({ value, appendedAt }: LogRecord): void {
    const piece = BaselinePiece.parse(JSON.parse(Buffer.from(value).toString('utf8')))
    if (this.has(piece.date)) return
    const key = `${piece.date}/${piece.freeze}`
    const pieces: Pieces = this.begun.get(key) ?? Array<undefined>(piece.pieces).fill(undefined)
    this.begun.set(key, pieces)
    pieces[piece.piece] = piece
    if (pieces.includes(undefined)) return
    const whole = pieces as BaselinePiece[]
    this.entries.push({
      date: piece.date,
      from: appendedAt + NOTICE_MS,
      baselines: {
        offsetMinutes: piece.offset_minutes,
        people: new Map(whole.flatMap(({ people }) => Object.entries(people))),
        groups: new Map(whole.flatMap(({ groups }) => Object.entries(groups))),
      },
    })
    for (const other of this.begun.keys()) if (other.startsWith(piece.date)) this.begun.delete(other)
    if (this.entries.length > KEPT) this.entries.shift()
  }
}

/** A replay begins with the last snapshot, seconds old, or with the log's beginning; older days are not asked for. */
const KEPT = 40
