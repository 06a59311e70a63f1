import { AccessEvent, type FinalOutcome } from '@custodia/contracts'
import type { AuditStore } from '../../audit-store/index.js'
import { type AskOptions, periodParams } from './ask-sql.js'
import { BacktestTooLarge } from './too-large.js'
import type { Reading } from './reading.js'
import type { PastAccess } from './replay.js'

interface Row {
  raw: string
  appended: number
  log_partition: number
  log_offset: number
  final_outcome: FinalOutcome
}

/** So many accesses are replayed at the most: they are all in memory at once. */
const MOST = 250_000

/** What happened, out of the audit store, for the engine. */
export const readPast = async (store: AuditStore, reading: Reading, options: AskOptions): Promise<PastAccess[]> => {
  const rows = await store.query<Row>(
    `SELECT raw, toUnixTimestamp64Milli(appended_at) AS appended, log_partition, log_offset, final_outcome
FROM accesses_between(from = {start:DateTime64(3, 'UTC')} - INTERVAL 1 DAY, to = {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY)
LIMIT ${MOST + 1}`,
    periodParams(reading),
    options,
  )
  if (rows.length > MOST)
    throw new BacktestTooLarge(`this rule is replayed event by event, at most ${MOST} of them: take a shorter period`)
  return rows.map(({ raw, appended, log_partition, log_offset, final_outcome }) => ({
    event: AccessEvent.parse(JSON.parse(raw)),
    appendedAt: appended,
    partition: log_partition,
    offset: log_offset,
    outcome: final_outcome,
  }))
}
