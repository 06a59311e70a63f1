import type { AlertRecord, DeadLetter, LateEvent, Rekeyed, Topic, Verdict } from '@custodia/contracts'
import { TRACE_HEADER } from '../../event-log/index.js'
import type { EventLog, LogRecord, NewRecord } from '../../event-log/index.js'

interface Keyed<T> {
  key: string
  value: T
  /** of the request that led to it */
  trace?: string
}

/** The trace that a record belongs to, so that what follows from it belongs to it too. */
export const traceOf = (record: LogRecord): string | undefined => record.headers?.[TRACE_HEADER]

/** What a batch is to write, before anything of it is marked as done. */
export class Output {
  readonly verdicts: Keyed<Verdict>[] = []
  readonly alerts: Keyed<AlertRecord>[] = []
  readonly rekeyed: Keyed<Rekeyed>[] = []
  readonly late: Keyed<LateEvent>[] = []
  readonly deadLetters: Keyed<DeadLetter>[] = []

  /** One append per topic, verdicts first because somebody waits for them. */
  async writeTo(log: EventLog): Promise<void> {
    await Promise.all([
      write(log, 'verdicts', this.verdicts),
      write(log, 'alerts', this.alerts),
      write(log, 'rekeyed', this.rekeyed),
      write(log, 'late-events', this.late),
      write(log, 'dead-letters', this.deadLetters),
    ])
  }
}

const write = async (log: EventLog, topic: Topic, records: Keyed<unknown>[]): Promise<void> => {
  if (records.length) await log.appendAll(topic, records.map(encode))
}

const encode = ({ key, value, trace }: Keyed<unknown>): NewRecord => ({
  key,
  value: Buffer.from(JSON.stringify(value)),
  ...(trace && { headers: { [TRACE_HEADER]: trace } }),
})
