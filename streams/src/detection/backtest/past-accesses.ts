import { AccessEvent, type FinalOutcome } from '@custodia/contracts'
import type { AuditStore, QueryOptions } from '../../audit-store/index.js'
import { BacktestTooLarge } from './too-large.js'
import type { Afresh, LateMark, PastAccess } from './past-access.js'
import { dateTime, type Reading } from './reading.js'
import type { Stretch } from './stretches.js'

interface Row {
  raw: string
  appended: number
  log_partition: number
  log_offset: number
  final_outcome: FinalOutcome
  keys: string[]
  times: number[]
  afters: string[]
  offsets: number[]
}

/** So many accesses are read at once, or thereabouts: an hour may be busier in one half than in the other. */
export const accessesAtOnce = 50_000
const MOST = 5 * accessesAtOnce

/**
 * What happened in [since, to), out of the audit store, for the engine, and what was judged then because it came late: at most
 * `lateMs` after its time.
 */
export const readPast = async (
  store: AuditStore,
  { since, to }: Stretch,
  lateMs: number,
  options: QueryOptions,
): Promise<PastAccess[]> => {
  const rows = await store.query<Row>(
    `WITH late AS (
  SELECT event_id AS late_id, received_at, groupUniqArray((key, toUnixTimestamp64Milli(judged_at), after, offset)) AS marks
  FROM late_events WHERE time >= {earliest:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')} GROUP BY event_id, received_at)
SELECT raw, toUnixTimestamp64Milli(appended_at) AS appended, log_partition, log_offset, final_outcome,
  marks.1 AS keys, marks.2 AS times, marks.3 AS afters, marks.4 AS offsets
FROM (
  SELECT id, raw, appended_at, log_partition, log_offset, final_outcome
  FROM accesses_between(from = {earliest:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY)
  WHERE if(source = 'custodia', appended_at, time) < {to:DateTime64(3, 'UTC')}
    AND (if(source = 'custodia', appended_at, time) >= {since:DateTime64(3, 'UTC')}
      OR (id, appended_at) GLOBAL IN (SELECT late_id, received_at FROM late WHERE arrayExists(mark -> mark.2 >= toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}), marks)))
) AS access LEFT ANY JOIN late ON id = late_id AND appended_at = received_at
LIMIT ${MOST + 1}`,
    { earliest: dateTime(since - lateMs), since: dateTime(since), to: dateTime(to) },
    options,
  )
  if (rows.length > MOST)
    throw new BacktestTooLarge(
      `this rule is replayed event by event, and more than ${MOST} of them came in minutes: take a shorter period`,
    )
  return rows.map(({ raw, appended, log_partition, log_offset, final_outcome, keys, ...marks }) => ({
    event: AccessEvent.parse(JSON.parse(raw)),
    appendedAt: appended,
    partition: log_partition,
    offset: log_offset,
    outcome: final_outcome,
    late: keys.map((key, i): LateMark => ({
      key,
      judgedAt: marks.times[i] as number,
      after: marks.afters[i] as string,
      offset: marks.offsets[i] as number,
    })),
  }))
}

/** Where the rule of this name began afresh with what happened long ago, as far as what it had forgotten is read. */
export const readAfresh = async (
  store: AuditStore,
  rule: string,
  { start }: Pick<Reading, 'start'>,
  options: QueryOptions,
): Promise<Afresh> => {
  const rows = await store.query<{ key: string; sinces: number[] }>(
    `SELECT key, groupUniqArray(toUnixTimestamp64Milli(since)) AS sinces FROM late_events
WHERE has(afresh, {rule:String}) AND since >= {start:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR GROUP BY key LIMIT ${MOST + 1}`,
    { rule, start: dateTime(start) },
    options,
  )
  if (rows.length > MOST)
    throw new BacktestTooLarge(
      `this rule is replayed event by event, and began afresh under more than ${MOST} keys: take a later period`,
    )
  return new Map(rows.map(({ key, sinces }) => [key, sinces]))
}
