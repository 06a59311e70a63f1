import type { AuditStore } from '@custodia/streams/audit-store'
import type { EventLog } from '@custodia/streams/event-log'
import { ProblemError } from '../gateway/problem.js'

const topic = 'access-events'

/** Which of these events are in the log: what has been landed is asked of the audit store, the rest of the log is read. */
export async function alreadyWritten(log: EventLog, audit: AuditStore, ids: string[]): Promise<Set<string>> {
  if (!ids.length) return new Set()
  const wanted = new Set(ids)
  const found = new Set<string>()
  const landed = await log.committed('landing', topic)
  for (const { partition, start, end } of await log.range(topic)) {
    const from = Math.max(landed.get(partition)?.offset ?? start, start)
    for await (const { value } of log.read(topic, partition, from, end)) {
      const id = idIn(value)
      if (id !== undefined && wanted.has(id)) found.add(id)
    }
  }
  const sql = `SELECT DISTINCT id FROM access_events WHERE id IN {ids:Array(String)}`
  const rows = await audit.query<{ id: string }>(sql, { ids }).catch((cause: unknown) => {
    throw new ProblemError('audit_store_unavailable', { headers: { 'retry-after': '5' } }, { cause })
  })
  for (const { id } of rows) found.add(id)
  return found
}

function idIn(value: Uint8Array): string | undefined {
  try {
    const { id } = JSON.parse(Buffer.from(value).toString()) as { id?: string }
    return id
  } catch {
    return undefined // not one of ours
  }
}
