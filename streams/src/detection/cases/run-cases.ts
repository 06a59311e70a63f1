import { isDeepStrictEqual } from 'node:util'
import type { Rule } from '../sigma/index.js'
import { runInMemory } from './in-memory-run.js'
import { baselinesOf, eventsOf, type RuleCase } from './rule-cases.js'

/** What differs from what a case says, in sentences; none: it holds. */
export const differences = (rules: readonly Rule[], rule: string, one: RuleCase): string[] => {
  const events = eventsOf(one)
  const numbers = new Map(events.map(({ event }, index) => [event.id, index + 1]))
  const { alerts, verdicts } = runInMemory(rules, events, baselinesOf(one, events))
  const raised = alerts
    .filter((alert) => alert.rule === rule)
    .map(({ event_id, value, group }) => ({ at: numbers.get(event_id), value, group }))
  const refused = verdicts
    .filter(({ verdict, rule: by }) => verdict === 'refused' && by === rule)
    .map(({ event_id }) => numbers.get(event_id))
  const shown = one.alerts.map((expected, index) => ({ ...expected, group: expected.group ?? raised[index]?.group }))
  return [
    ...(isDeepStrictEqual(raised, shown) ? [] : [`alerts ${JSON.stringify(shown)}, found ${JSON.stringify(raised)}`]),
    ...(isDeepStrictEqual(refused, one.refused)
      ? []
      : [`refuses ${JSON.stringify(one.refused)}, found ${JSON.stringify(refused)}`]),
  ]
}
