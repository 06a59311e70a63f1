import { and, gt, inArray, sql } from 'drizzle-orm'
import { recoveries } from './schema.js'

/** A reset that nobody goes on with is no threat for ever. */
export const lapseDays = 7

/** Asked for or waiting, and not forgotten since. */
export const underWay = and(
  inArray(recoveries.state, ['asked', 'waiting']),
  gt(sql`coalesce(${recoveries.dueAt}, ${recoveries.askedAt}) + make_interval(days => ${lapseDays})`, sql`now()`),
)
