import { isDeepStrictEqual } from 'node:util'
import type { Rule } from '../sigma/index.js'
import type { Said } from '../sigma/said.js'
import { runInMemory } from './in-memory-run.js'
import { baselinesOf, eventsOf, type RuleCase } from './rule-cases.js'
import { alertsThatDiffer, refusalsThatDiffer } from './told-differences.js'

/** What differs from what a case says, in sentences; none: it holds. Cases tell of a rule in force, whatever its mode is today. */
export const differences = (rules: readonly Rule[], rule: string, one: RuleCase): Said[] => {
  const events = eventsOf(one)
  const numbers = new Map(events.map(({ event }, index) => [event.id, index + 1]))
  const { alerts, verdicts } = runInMemory(
    rules.map((each) => (each.name === rule ? inForce(each) : each)),
    events,
    baselinesOf(one, events),
  )
  const raised = alerts
    .filter((alert) => alert.rule === rule)
    .map(({ event_id, value, group }) => ({ at: numbers.get(event_id), value, group }))
  const refused = verdicts
    .filter(({ verdict, rule: by }) => verdict === 'refused' && by === rule)
    .map(({ event_id }) => numbers.get(event_id))
  const shown = one.alerts.map((expected, index) => ({ ...expected, group: expected.group ?? raised[index]?.group }))
  return [
    ...(isDeepStrictEqual(raised, shown) ? [] : alertsThatDiffer(one.alerts, raised)),
    ...(isDeepStrictEqual(refused, one.refused) ? [] : refusalsThatDiffer(one.refused, refused)),
  ]
}

const inForce = (rule: Rule): Rule => ({ ...rule, custodia: { ...rule.custodia, mode: 'live' } })
