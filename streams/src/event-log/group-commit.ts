import { constants } from 'node:os'
import { EventLogError } from './event-log.js'
import type { Storage } from './storage.js'

/** Thrown by a piece of work before its first write: it alone is refused, the others of its transaction go on. */
export class Refused extends EventLogError {
  constructor(message: string) {
    super(message, true)
  }
}

interface Piece {
  work: () => unknown
  state: 'waiting' | 'written' | 'settled'
  result?: unknown
  refused?: Refused
  resolve(value: unknown): void
  reject(error: EventLogError): void
}

const { ENOSPC, EDQUOT, EFBIG } = constants.errno
const MDB_MAP_FULL = -30792
/** Failures before the last page of a transaction: it left nothing behind. Others, such as EIO, may be of the last page itself. */
const CERTAIN = new Set<unknown>([ENOSPC, EDQUOT, EFBIG, MDB_MAP_FULL])
/** Pieces in one transaction: enough to share a flush, few enough to keep it short for the other processes. */
const MOST = 1000

/**
 * Gathers what is written while a transaction is being flushed into the next one. A piece of work waits at most
 * `timeoutMs`; given up before it was written it is certainly nowhere, afterwards nobody knows.
 */
export class GroupCommit {
  readonly #waiting = new Set<Piece>()
  #running: Promise<void> | undefined
  #closed = false

  constructor(
    private readonly storage: Pick<Storage, 'transaction'>,
    private readonly timeoutMs: number,
  ) {}

  write<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new EventLogError('The event log is closed.', true))
    return new Promise<T>((resolve, reject) => {
      const settle =
        <A>(then: (argument: A) => void) =>
        (argument: A) => {
          clearTimeout(timer)
          if (piece.state !== 'settled') then(argument)
          piece.state = 'settled'
        }
      const piece: Piece = {
        work,
        state: 'waiting',
        resolve: settle(resolve as (value: unknown) => void),
        reject: settle(reject),
      }
      const timer = setTimeout(() => piece.reject(this.#late(piece)), this.timeoutMs)
      this.#waiting.add(piece)
      this.#running ??= this.#run()
    })
  }

  /** refuses new work; resolves when the work accepted so far is settled */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  #late(piece: Piece): EventLogError {
    this.#waiting.delete(piece)
    return new EventLogError(`The event log did not answer within ${this.timeoutMs} ms.`, piece.state === 'waiting')
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) await this.#commit()
    this.#running = undefined
  }

  async #commit(): Promise<void> {
    let pieces: Piece[] = []
    try {
      await this.storage.transaction(() => {
        // taken now that it is our turn to write: what came while others were writing is in it
        pieces = [...this.#waiting].slice(0, MOST)
        for (const piece of pieces) {
          this.#waiting.delete(piece)
          perform(piece)
        }
      })
    } catch (error) {
      const failure = await asFailure(error, pieces.length === 0)
      // a transaction that did not even begin fails whoever waits, else they would be tried for ever
      for (const piece of pieces.length > 0 ? pieces : this.#waiting) piece.reject(failure)
      if (pieces.length === 0) this.#waiting.clear()
      return
    }
    for (const piece of pieces) {
      if (piece.refused) piece.reject(piece.refused)
      else piece.resolve(piece.result)
    }
  }
}

const perform = (piece: Piece): void => {
  piece.state = 'written'
  try {
    piece.result = piece.work()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    piece.refused = error
  }
}

/** lmdb says "Commit failed" and keeps the cause in a promise of its own, which rejects with it. */
const asFailure = async (error: unknown, nothingWritten: boolean): Promise<EventLogError> => {
  const failed = error as Error & { commitError?: Promise<never> }
  const cause = ((await failed.commitError?.catch((reason: unknown) => reason)) ?? failed) as NodeJS.ErrnoException
  const definite = nothingWritten || !failed.commitError || CERTAIN.has(cause.code)
  return new EventLogError(`The event log could not be written: ${cause.message}`, definite, { cause })
}
