import type { AuditStore, QueryOptions } from '../../audit-store/index.js'
import { literals } from '../sql/index.js'
import { dateTime, type PastAlert } from './reading.js'

/** ids of one statement: some 80 kB, where ClickHouse reads one of 256 kB */
const AT_ONCE = 2_000

/** How many accounts alerts touch: those of their groups and, where a group is not one account's, those whose accesses fired them. */
export async function peopleTouched(
  store: AuditStore,
  alerts: readonly PastAlert[],
  options: () => QueryOptions,
): Promise<number> {
  const people = new Set(alerts.flatMap(({ group }) => group.actor ?? []))
  const others = alerts.filter(({ group }) => group.actor === undefined)
  for (let i = 0; i < others.length; i += AT_ONCE) {
    const some = others.slice(i, i + AT_ONCE)
    const times = some.map(({ at }) => at)
    const rows = await store.query<{ actor: string }>(
      `SELECT DISTINCT actor FROM access_events
       WHERE time >= {from:DateTime64(3, 'UTC')} - INTERVAL 1 DAY AND time <= {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY
         AND actor != '' AND id IN (${literals(some.map(({ event_id }) => event_id))})`,
      {
        from: dateTime(Math.min(...times)),
        to: dateTime(Math.max(...times)),
      },
      options(),
    )
    for (const { actor } of rows) people.add(actor)
  }
  return people.size
}
