import { createView, createViewOfShard, type Change } from '../schema/changes.js'

/** Of several verdicts for one access the strictest counts: refused, then expired, then allowed. */
const strictest = `multiIf(countIf(verdict = 'refused') > 0, 'refused', countIf(verdict = 'expired') > 0, 'expired', 'allowed')`

/** A held access has its verdict as final outcome, a part of an export its header's; without one yet it was not served: expired. */
const finalOutcome = `multiIf(e.outcome != 'held', e.outcome, v.verdict = '', 'expired', v.verdict)`

/**
 * Every access with its final outcome, once, even when a row was landed twice. Filters on `time` reach the events;
 * verdicts are bounded by `id_day`, which an access and its verdict share. `accesses_between` fills in both.
 */
export const accesses = {
  name: 'accesses',
  select: (stored: (table: string) => string) => `
  SELECT e.*, CAST(${finalOutcome}, 'String') AS final_outcome, if(e.outcome = 'held', v.rule, '') AS verdict_rule
  FROM (SELECT *, id_day FROM ${stored('access_events')} FINAL) AS e
  LEFT ANY JOIN (
    SELECT event_id, event_day, ${strictest} AS verdict, anyIf(rule, ${stored('verdicts')}.verdict = 'refused') AS rule
    FROM ${stored('verdicts')} GROUP BY event_id, event_day
  ) AS v ON if(e.part_of = '', e.id, e.part_of) = v.event_id AND e.id_day = v.event_day`,
}

/** The same for a period [from, to): cheap however many verdicts there are. Ids are made at most a day from their time. */
export const accessesBetween = {
  name: 'accesses_between',
  select: `SELECT * FROM accesses
  WHERE time >= {from:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')}
    AND (id_day = toDate(0) OR id_day BETWEEN toDate({from:DateTime64(3, 'UTC')}) - 1 AND toDate({to:DateTime64(3, 'UTC')}) + 1)`,
}

export const views: readonly Change[] = [createViewOfShard(accesses), createView(accessesBetween)]
