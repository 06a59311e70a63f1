import { topics } from '@custodia/contracts'
import type { AuditStore } from '../audit-store/index.js'
import type { Consumer, EventLog } from '../event-log/index.js'
import { compose, consume, type ConsumeDeps, type Pace, type Stream } from '../pipeline/index.js'
import { landInto } from './land.js'
import { accessEventRow, alertRow, deadLetterRow, lateEventRow, verdictRow, type Row } from './rows.js'
import { only, parse, requireTime, toRow } from './steps.js'

export interface LandingOptions {
  log: EventLog
  /** migrated already */
  store: AuditStore
  logger: ConsumeDeps['logger']
  backoff?: ConsumeDeps['backoff']
}

export interface Landing {
  /** resolves when stopped; rejects when a topic could not be landed: nothing of it is passed over */
  done: Promise<void>
  stop(): Promise<void>
}

const group = 'landing'
/**
 * What comes after a pause lands at once; under load a partition makes one insert every two seconds, and fewer where inserts
 * take long. Every insert costs ClickHouse some 20 ms of CPU however small it is: on a busy machine these alone keep it busy.
 */
const pace: Pace = { leastMs: 2_000, times: 10, mostMs: 4_000 }

/** ③a: what is in the log → the same in ClickHouse, exactly once in effect. */
export const startLanding = async ({ log, store, logger, backoff }: LandingOptions): Promise<Landing> => {
  const accessEvents = compose(
    parse(topics['access-events'].value), // dead-letters garbage before anything costs
    requireTime((event) => event.time),
    toRow(accessEventRow),
  )
  const verdicts = compose(
    parse(topics.verdicts.value),
    requireTime((verdict) => verdict.time),
    toRow(verdictRow),
  )
  const alerts = compose(
    parse(topics.alerts.value),
    only('raised'), // triage lives in PostgreSQL
    requireTime(({ alert }) => alert.time),
    toRow(alertRow),
  )
  const deadLetters = compose(parse(topics['dead-letters'].value), toRow(deadLetterRow))
  const lateEvents = compose(
    parse(topics['late-events'].value),
    requireTime(({ time }) => time),
    requireTime(({ judged_at }) => judged_at),
    toRow(lateEventRow),
  )

  const land = (table: string, stream: Pick<Stream<Row>, 'topic' | 'pipeline'>): Consumer =>
    consume({ log, logger, backoff }, { ...stream, group, pace, sinks: [landInto(store, table)] })
  const consumers = [
    land('access_events', { topic: 'access-events', pipeline: accessEvents }),
    land('verdicts', { topic: 'verdicts', pipeline: verdicts }),
    land('alerts', { topic: 'alerts', pipeline: alerts }),
    land('dead_letters', { topic: 'dead-letters', pipeline: deadLetters }),
    land('late_events', { topic: 'late-events', pipeline: lateEvents }),
  ]
  const stop = async (): Promise<void> => {
    await Promise.all(consumers.map((consumer) => consumer.stop()))
  }
  const done = Promise.all(consumers.map((consumer) => consumer.done)).then(() => undefined)
  done.catch(() => stop()) // one topic down takes the others along; the caller sees the first error
  await Promise.all(consumers.map((consumer) => consumer.ready))
  return { done, stop }
}
