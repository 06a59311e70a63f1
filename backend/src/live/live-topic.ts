import { AccountRecord, AlertRecord, type LiveItem } from '@custodia/contracts'
import type { Consumer, EventLog, LogRecord } from '@custodia/streams/event-log'
import type { z } from 'zod'

type LiveTopicName = LiveItem['topic']

/** Kept for those who keep up, for all of them together. */
const mostRecords = 1000
const mostBytes = 4 * 1024 * 1024

/**
 * One topic as this gateway hears it. The newest records are in memory, once, whoever reads them; who is further behind reads
 * the log. So neither a slow client nor a late one costs memory.
 */
export class LiveTopic {
  private readonly recent: LogRecord[] = []
  private bytes = 0
  private heard = 0
  private tail?: Consumer

  constructor(
    private readonly log: EventLog,
    readonly name: LiveTopicName,
  ) {}

  /** `onRecords` is called once they can be read here. */
  async open(onRecords: (records: LogRecord[]) => void): Promise<void> {
    this.heard = (await this.range()).end
    this.tail = this.log.tail({ topic: this.name, from: { 0: this.heard } }, (records) => {
      this.keep(records)
      onRecords(records)
    })
    await this.tail.ready
  }

  async close(): Promise<void> {
    await this.tail?.stop()
  }

  /** Of the log itself: this gateway may not have heard all of it yet. */
  async range(): Promise<{ start: number; end: number }> {
    const [range] = await this.log.range(this.name)
    return range ?? { start: 0, end: 0 }
  }

  /** What this gateway has heard, from an offset on. */
  async *from(offset: number): AsyncGenerator<LogRecord> {
    const recent = this.recent.filter((record) => record.offset >= offset) // as of now: it moves on while older ones are read
    const oldest = recent[0]?.offset ?? this.heard
    if (offset < oldest) yield* this.log.read(this.name, 0, offset, oldest)
    yield* recent
  }

  private keep(records: LogRecord[]): void {
    for (const record of records) {
      this.recent.push(record)
      this.bytes += record.value.length
      this.heard = record.offset + 1
    }
    while (this.recent.length > mostRecords || this.bytes > mostBytes)
      this.bytes -= this.recent.shift()?.value.length ?? 0
  }
}

/** What a record says; undefined where nobody understands it. */
const readAs =
  <T extends z.ZodType>(schema: T) =>
  (value: Uint8Array): z.infer<T> | undefined => {
    try {
      return schema.safeParse(JSON.parse(Buffer.from(value).toString())).data
    } catch {
      return undefined
    }
  }
export const alertIn = readAs(AlertRecord)
export const accountIn = readAs(AccountRecord)
