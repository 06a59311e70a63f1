import { AccessEvent, type FinalOutcome } from '@custodia/contracts'
import type { AuditStore, QueryOptions } from '../../audit-store/index.js'
import { BacktestTooLarge } from './too-large.js'
import { dateTime } from './reading.js'
import type { PastAccess } from './replay.js'
import type { Stretch } from './stretches.js'

interface Row {
  raw: string
  appended: number
  log_partition: number
  log_offset: number
  final_outcome: FinalOutcome
}

/** So many accesses are read at once, or thereabouts: an hour may be busier in one half than in the other. */
export const accessesAtOnce = 50_000
const MOST = 5 * accessesAtOnce

/** What happened in [since, to), out of the audit store, for the engine. */
export const readPast = async (
  store: AuditStore,
  { since, to }: Stretch,
  options: QueryOptions,
): Promise<PastAccess[]> => {
  const rows = await store.query<Row>(
    `SELECT raw, toUnixTimestamp64Milli(appended_at) AS appended, log_partition, log_offset, final_outcome
FROM accesses_between(from = {since:DateTime64(3, 'UTC')} - INTERVAL 1 DAY, to = {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY)
WHERE if(source = 'custodia', appended_at, time) >= {since:DateTime64(3, 'UTC')} AND if(source = 'custodia', appended_at, time) < {to:DateTime64(3, 'UTC')}
LIMIT ${MOST + 1}`,
    { since: dateTime(since), to: dateTime(to) },
    options,
  )
  if (rows.length > MOST)
    throw new BacktestTooLarge(
      `this rule is replayed event by event, and more than ${MOST} of them came in minutes: take a shorter period`,
    )
  return rows.map(({ raw, appended, log_partition, log_offset, final_outcome }) => ({
    event: AccessEvent.parse(JSON.parse(raw)),
    appendedAt: appended,
    partition: log_partition,
    offset: log_offset,
    outcome: final_outcome,
  }))
}
