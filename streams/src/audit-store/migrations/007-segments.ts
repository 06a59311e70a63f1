import { addColumns, createView, createViewOfShard, drop, type Change } from '../schema/changes.js'
import { accesses, accessesBetween } from './002-views.js'

/** What kind of customer an access was about. */
export const segments: readonly Change[] = [
  addColumns('access_events', { segment: 'LowCardinality(String)' }),
  drop(accessesBetween.name),
  drop(accesses.name),
  createViewOfShard(accesses),
  createView(accessesBetween),
]
