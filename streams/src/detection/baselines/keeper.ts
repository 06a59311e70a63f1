import { randomUUID } from 'node:crypto'
import type { BaselinePiece } from '@custodia/contracts'
import type { AuditStore } from '../../audit-store/index.js'
import type { EventLog } from '../../event-log/index.js'
import type { BaselineBook } from './book.js'
import { countHours } from './count-hours.js'
import { freeze, type Baselines } from './freeze.js'
import { dayIndex, dayMs, hourIndex } from './habits.js'

/** Not in the first moments of a process, which has other things to do. */
const FIRST_LOOK_MS = 5_000
/** So often it is looked whether a new day has begun. */
const LOOK_EVERY_MS = 10 * 60_000
/** A person with many different hours takes some 5 KB; a record of the log may have a megabyte. */
const PEOPLE_A_PIECE = 100

interface Deps {
  log: Pick<EventLog, 'append'>
  store: AuditStore
  book: BaselineBook
  timeZone: string
  now: () => number
  failed: (error: unknown) => void
}

/** Freezes what is usual once a local day: out of the audit store, into the log. Without the store yesterday's stays in force. */
export class BaselineKeeper {
  private readonly timers: NodeJS.Timeout[] = []
  private working: Promise<void> = Promise.resolve()

  constructor(private readonly deps: Deps) {}

  start(): void {
    const look = (): void => {
      this.working = this.working.then(() => this.look()).catch(this.deps.failed)
    }
    this.timers.push(setTimeout(look, FIRST_LOOK_MS), setInterval(look, LOOK_EVERY_MS))
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer)
    await this.working
  }

  /** freezes today's, unless the log has it */
  async look(): Promise<void> {
    const { log, store, book, timeZone, now } = this.deps
    const at = now()
    const offset = offsetMinutes(timeZone, at)
    const day = dayIndex(hourIndex(at, offset))
    const date = new Date(day * dayMs).toISOString().slice(0, 10)
    await book.knowsUntil(Infinity)
    if (book.has(date)) return
    const baselines = freeze(await countHours(store, day, offset), day, offset)
    for (const piece of piecesOf(baselines, date))
      await log.append('baselines', { key: date, value: Buffer.from(JSON.stringify(piece)) })
  }
}

export const piecesOf = (
  { people, groups, offsetMinutes: offset_minutes }: Baselines,
  date: string,
): BaselinePiece[] => {
  const id = randomUUID()
  const all = [...people]
  const pieces = Math.max(1, Math.ceil(all.length / PEOPLE_A_PIECE))
  return Array.from({ length: pieces }, (_, piece) => ({
    date,
    offset_minutes,
    freeze: id,
    piece,
    pieces,
    people: Object.fromEntries(all.slice(piece * PEOPLE_A_PIECE, (piece + 1) * PEOPLE_A_PIECE)),
    groups: piece ? {} : Object.fromEntries(groups),
  }))
}

/** How far local time is from UTC at a moment. */
export const offsetMinutes = (timeZone: string, at: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
