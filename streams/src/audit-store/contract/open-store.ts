import type { AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import type { AuditStore } from '../audit-store.js'
import type { OpenOptions } from '../clickhouse.js'

export interface OpenStore {
  store: AuditStore
  /** a second client of the same data */
  another(options?: OpenOptions): AuditStore
  /** SIGKILLs the server and starts it again */
  crash(): Promise<void>
  stop(): Promise<void>
}

const at = '2026-03-10 02:00:00.000'
let offsets = 0

/** A row of access_events as landing writes it. */
export const row = (over: Partial<AccessEvent> = {}, appended_at = at): string => {
  const event = anAccessEvent(over)
  const place = { log_partition: 0, log_offset: offsets++, appended_at, raw: JSON.stringify(event) }
  return JSON.stringify({ ...event, time: event.time.slice(0, 23).replace('T', ' '), ...place })
}

export const verdictRow = (event_id: string, verdict: string, rule = ''): string =>
  JSON.stringify({
    event_id,
    verdict,
    rule,
    time: at,
    log_partition: 0,
    log_offset: offsets++,
    appended_at: at,
    raw: '',
  })

export const count = async ({ store }: OpenStore, where: string, params = {}): Promise<number> =>
  (await store.query<{ n: number }>(`SELECT count() AS n FROM access_events WHERE ${where}`, params))[0]?.n ?? NaN

export const perMinute = async ({ store }: OpenStore, source: string): Promise<number> =>
  (
    await store.query<{ n: number }>(
      'SELECT sum(accesses) AS n FROM accesses_per_minute WHERE source = {source:String}',
      { source },
    )
  )[0]?.n ?? NaN
