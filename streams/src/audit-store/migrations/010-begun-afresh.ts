import { addColumns, type Change } from '../schema/changes.js'

/** Which rules had forgotten the key of an event of long ago, and since when they know of what came under it. */
export const begunAfresh: readonly Change[] = [
  addColumns('late_events', { afresh: 'Array(LowCardinality(String))', since: `DateTime64(3, 'UTC')` }),
]
