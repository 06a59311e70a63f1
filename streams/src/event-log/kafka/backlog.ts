import type { LogRecord } from '../event-log.js'

/** Records that one batch holds at most where nobody named a number, and its bytes in any case. */
const BATCH = 500
const BATCH_BYTES = 4_000_000
/** Nothing more is fetched while so much waits. */
const FULL_BYTES = 8_000_000
const FULL_RECORDS = 10_000

/** What was fetched of a partition and waits for its handler; when it is full, it wants no more for a while. */
export class Backlog {
  #records: LogRecord[] = []
  #bytes = 0
  #wake: (() => void) | undefined

  constructor(private readonly want: (wanted: boolean) => void) {}

  add(records: LogRecord[]): void {
    this.#records = this.#records.concat(records)
    for (const { value } of records) this.#bytes += value.length
    if (this.#bytes >= FULL_BYTES || this.#records.length >= FULL_RECORDS) this.want(false)
    this.#wake?.()
  }

  /** the next batch, as soon as there is one; an empty one after the signal */
  async take(limit = BATCH, signal: AbortSignal): Promise<LogRecord[]> {
    if (this.#records.length === 0) await this.#some(signal)
    if (signal.aborted) return []
    let count = 0
    let bytes = 0
    for (const { value } of this.#records) {
      if (count === limit || bytes >= BATCH_BYTES) break
      bytes += value.length
      count++
    }
    this.#bytes -= bytes
    const batch = this.#records.splice(0, count)
    if (this.#bytes < FULL_BYTES / 2 && this.#records.length < FULL_RECORDS / 2) this.want(true)
    return batch
  }

  async #some(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.#wake = wake
    signal.addEventListener('abort', wake)
    if (signal.aborted) wake()
    await promise
    signal.removeEventListener('abort', wake)
    this.#wake = undefined
  }
}
