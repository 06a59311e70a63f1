import { countsLateMs, type RuleTree } from '../correlate/index.js'
import type { Rule } from '../sigma/rule.js'
import { accessEventSource } from './access-events.js'
import { documentSource } from './documents.js'
import { literal } from './quote.js'
import type { Source } from './source.js'

/** Events as a statement reads them: one row each, with `_id`, `_at`, `_pos`, `_own`, `_probe` besides their fields. */
export interface History {
  /** a new one for each statement: it remembers which fields that asked for */
  source(): Source
  /** a SELECT without its own WITH; those that came late and were judged in the period are among them, at their own `_at` */
  rows(tree: RuleTree): string
  /**
   * Where things can be late: `late`, where events were judged that were, (_late_id, _late_received, _late_key) → (_late_at, _after,
   * _nth); `afresh`, under which keys the rule began afresh, however long ago, (_afresh_key) → (_sinces).
   */
  late?(tree: RuleTree): { late: string; afresh: string }
  /** lifts of frozen accounts as (subject, [offset]), where freezes are known: as far back as a suppression reaches */
  lifts?(root: Rule): string
}

const daySeconds = 86_400
const [START, TO] = [`{start:DateTime64(3, 'UTC')}`, `{to:DateTime64(3, 'UTC')}`]

const before = (seconds: number): string => `${START} - INTERVAL ${seconds} SECOND`

const period = (seconds: number): string => `time >= ${before(seconds)} AND time < ${TO} + INTERVAL 1 DAY
    AND (id_day = toDate(0) OR id_day BETWEEN toDate(${before(seconds)}) - 1 AND toDate(${TO}) + 2)`

/** An event that is judged in the period is at most this much older than its beginning. */
const lateSeconds = (tree: RuleTree): number => Math.ceil(countsLateMs(tree, true) / 1000)

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

const lifts = (root: Rule): string => `SELECT subject AS _subject, groupArray(log_offset) AS _lifts FROM accesses
  WHERE ${period(root.custodia.suppressSeconds + daySeconds)}
    AND action = 'lift' AND outcome = 'granted' AND source = 'custodia' AND subject != '' AND part_of = ''
  GROUP BY subject`

/** Accesses that happened so long before the period or in it, and by `when` belong to it. */
const accessesOf = (root: Rule, seconds: number, when: string): string => {
  const { outcome, probe, seen } = asJudged(root)
  return `SELECT * REPLACE (_outcome AS outcome) FROM (
  SELECT *, id AS _id, toUnixTimestamp64Milli(if(source = 'custodia', appended_at, time)) AS _at, ${own} AS _own,
    log_offset AS _pos, ${outcome} AS _outcome, ${probe} AS _probe
  FROM accesses
  WHERE ${period(seconds)}
    AND part_of = '' AND ${seen} AND (outcome != 'held' OR (${own}))
) WHERE _at < toUnixTimestamp64Milli(${TO}) AND ${when}`
}

const inPeriod = `_at >= toUnixTimestamp64Milli(${START})`

/** The audit store's accesses, in the period that the parameters `start` and `to` bound. */
export const accessHistory: History = {
  source: () => accessEventSource,
  rows: (tree) =>
    accessesOf(
      tree.root,
      lateSeconds(tree),
      `(${inPeriod} OR _id GLOBAL IN (SELECT _late_id FROM late WHERE _late_at >= toUnixTimestamp64Milli(${START})))`,
    ),
  late: (tree) => ({
    late: `SELECT event_id AS _late_id, received_at AS _late_received, key AS _late_key, toUnixTimestamp64Milli(judged_at) AS _late_at, after AS _after,
    offset + 1 AS _nth
  FROM late_events WHERE time >= ${before(lateSeconds(tree))} AND time < ${TO}`,
    afresh: `SELECT key AS _afresh_key, groupUniqArray(toUInt64(toUnixTimestamp64Milli(since))) AS _sinces
  FROM late_events WHERE has(afresh, ${literal(tree.root.name)}) GROUP BY key`,
  }),
  lifts,
}

/** The same where nothing came late, as mostly nothing does: in less time, without a look at every event's mark. */
export const punctualHistory: History = {
  source: () => accessEventSource,
  rows: ({ root }) => accessesOf(root, daySeconds, inPeriod),
  lifts,
}

/** Any JSON events in a table (id, time in milliseconds, position, doc): judged in order of time, then of position. */
export const documentHistory = (table: string): History => ({
  source: documentSource,
  rows: () => `SELECT *, id AS _id, time AS _at, false AS _own, position AS _pos, false AS _probe FROM ${table}`,
})
