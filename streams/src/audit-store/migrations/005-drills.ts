import { addColumns, changeMaterializedView, createView, createViewOfShard, drop, type Change } from '../schema/changes.js'
import { accesses, accessesBetween } from './002-views.js'

const drill = { drill: 'Nullable(Bool)' }

/** For the live chart: what people did. A drill is played, the system's own accesses and the parts of an export are nobody's. */
const minutesView = {
  name: 'accesses_per_minute_mv',
  from: 'access_events',
  select: (events: string) => `SELECT toStartOfMinute(time) AS minute, source, action, outcome, count() AS accesses
  FROM ${events} WHERE part_of = '' AND actor != 'system' AND NOT ifNull(drill, false) GROUP BY minute, source, action, outcome`,
}

/** What a drill made is told from the rest, and counted nowhere. */
export const drillChanges: readonly Change[] = [
  addColumns('access_events', drill),
  addColumns('alerts', drill),
  drop(accessesBetween.name),
  drop(accesses.name),
  createViewOfShard(accesses),
  createView(accessesBetween),
  changeMaterializedView(minutesView),
]
