import { addColumns, createView, createViewOfShard, drop, type Change } from '../schema/changes.js'
import { accesses, accessesBetween } from './002-views.js'

/** Flags that rules read. A view keeps the columns that it was made with, so the views are made anew. */
export const flags: readonly Change[] = [
  addColumns('access_events', {
    moved: 'Array(LowCardinality(String))',
    run: 'Nullable(UInt32)',
    idle_days: 'Nullable(UInt32)',
    canary: 'Nullable(Bool)',
  }),
  drop(accessesBetween.name),
  drop(accesses.name),
  createViewOfShard(accesses),
  createView(accessesBetween),
]
