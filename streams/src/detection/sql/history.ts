import type { Rule } from '../sigma/rule.js'
import { accessEventSource } from './access-events.js'
import { documentSource } from './documents.js'
import type { Source } from './source.js'

/** Events as a statement reads them: one row each, with `_id`, `_at`, `_pos`, `_own`, `_probe` besides their fields. */
export interface History {
  source: Source
  /** a SELECT without its own WITH */
  rows(root: Rule): string
  /** lifts of frozen accounts as (subject, [offset]), where freezes are known: as far back as a suppression reaches */
  lifts?(root: Rule): string
}

const period = (earlierSeconds = 0): string => {
  const start = `{start:DateTime64(3, 'UTC')}${earlierSeconds ? ` - INTERVAL ${earlierSeconds} SECOND` : ''}`
  return `time >= ${start} - INTERVAL 1 DAY AND time < {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY
    AND (id_day = toDate(0) OR id_day BETWEEN toDate(${start}) - 2 AND toDate({to:DateTime64(3, 'UTC')}) + 2)`
}

/** A served access; `expired` is one that detection allowed and nobody was served any more. */
const final = `if(final_outcome = 'expired', 'allowed', final_outcome)`

/**
 * Where an access is judged. Ours by a known actor is judged at that actor's own place in the log, in the order of its offsets,
 * at the time of its receipt; freezes, lifts and measures go with the account that they are about. All else is judged in
 * order of time.
 */
const own = `source = 'custodia' AND actor != '' AND NOT (action IN ('freeze', 'lift', 'restrict') AND subject NOT IN ('', actor))`

/** How a rule is shown an access that was held. One that holds counts what was served, and looks at what was refused. */
const asJudged = (root: Rule): { outcome: string; probe: string; seen: string } => {
  if (!root.custodia.hold) return { outcome: final, probe: 'false', seen: 'true' }
  const probe = root.custodia.mode === 'live' ? `(outcome = 'held' AND final_outcome = 'refused')` : 'false'
  return {
    outcome: `if(${probe}, 'allowed', ${final})`,
    probe,
    seen: `(${final} IN ('granted', 'allowed') OR ${probe})`,
  }
}

/** The audit store's accesses, in the period that the parameters `start` and `to` bound. */
export const accessHistory: History = {
  source: accessEventSource,
  rows: (root) => {
    const { outcome, probe, seen } = asJudged(root)
    return `SELECT * REPLACE (_outcome AS outcome) FROM (
  SELECT *, id AS _id, toUnixTimestamp64Milli(if(source = 'custodia', appended_at, time)) AS _at, ${own} AS _own,
    log_offset AS _pos, ${outcome} AS _outcome, ${probe} AS _probe
  FROM accesses
  WHERE ${period()}
    AND part_of = '' AND ${seen} AND (outcome != 'held' OR (${own}))
) WHERE _at >= toUnixTimestamp64Milli({start:DateTime64(3, 'UTC')}) AND _at < toUnixTimestamp64Milli({to:DateTime64(3, 'UTC')})`
  },
  lifts: (root) => `SELECT subject AS _subject, groupArray(log_offset) AS _lifts FROM accesses
  WHERE ${period(root.custodia.suppressSeconds)}
    AND action = 'lift' AND outcome = 'granted' AND source = 'custodia' AND subject != '' AND part_of = ''
  GROUP BY subject`,
}

/** Any JSON events in a table (id, time in milliseconds, position, doc): judged in order of time, then of position. */
export const documentHistory = (table: string): History => ({
  source: documentSource(),
  rows: () => `SELECT *, id AS _id, time AS _at, false AS _own, position AS _pos, false AS _probe FROM ${table}`,
})
