import type { AccessEvent, Alert, EventPlace, FinalOutcome, Verdict } from '@custodia/contracts'
import type { Firing, Occurrence, RuleTree, TreeState } from '../correlate/index.js'
import type { DetectionRule, RuleEvent } from '../sigma/rule.js'
import { decideAlert } from './decide-alert.js'
import type { Hash } from './decide-alert.js'
import { judgeHeld } from './judge-held.js'

/** One event, the time it is judged at, and what is known about where it came from. */
export interface Case {
  event: AccessEvent
  /** the final outcome where it is known; absent: a held access is judged now */
  outcome?: FinalOutcome
  /** milliseconds */
  time: number
  /** log-append time of the record that brought it */
  touched: number
  late: boolean
  mayFreeze: boolean
  /** where the event stands among its actor's, when that actor is one of ours */
  place?: EventPlace
  /** what of a rule is to count the event; absent: whatever matches it */
  basesOf?: (tree: RuleTree, event: RuleEvent) => DetectionRule[]
}

export interface Judgement {
  outcome: FinalOutcome
  verdict?: Verdict
  alerts: Alert[]
}

/** Judges one event by the given rules and remembers it in their windows. The same log gives the same judgements. */
export const judge = (states: readonly TreeState[], the: Case, hash: Hash): Judgement => {
  const { event } = the
  const known = the.outcome ?? (event.outcome === 'held' ? undefined : event.outcome)
  if (known) return { outcome: known, alerts: count(states, the, known, [], hash) }
  const held = judgeHeld(states, occurrence(the, 'allowed'), the.touched)
  const refusals = held.verdict === 'refused' ? held.refusals : []
  const rule = refusals[0]?.tree
  return {
    outcome: held.verdict,
    verdict: {
      event_id: event.id,
      verdict: held.verdict,
      actor: event.actor,
      rule: rule?.root.name,
      rule_version: rule?.root.version,
      limit: rule?.limit,
      time: new Date(the.time).toISOString(),
    },
    alerts: count(states, the, held.verdict, refusals, hash),
  }
}

/**
 * Rules see the event with its final outcome. A rule that holds counts what was let through and nothing else; the access that
 * it refuses fires it all the same, worth one more than was allowed.
 */
const count = (
  states: readonly TreeState[],
  the: Case,
  outcome: FinalOutcome,
  refusals: readonly Firing[],
  hash: Hash,
): Alert[] => {
  const seen = occurrence(the, outcome)
  const served = outcome === 'granted' || outcome === 'allowed'
  const firings = states.flatMap((state) =>
    state.tree.root.custodia.hold && !served
      ? []
      : state.judge(seen, the.touched, the.basesOf?.(state.tree, seen.event)),
  )
  return [...refusals, ...firings].flatMap((firing) => {
    const evidence = (): string[] => [...new Set([...idsCounted(firing), firing.eventId])]
    const { event, late, mayFreeze, place } = the
    const held = refusals.includes(firing)
    const decision = decideAlert({ firing, event, evidence, late, mayFreeze, held, place }, hash)
    if (!('raise' in decision)) return []
    firing.state.lastAlertAt = firing.time
    return [decision.raise]
  })
}

const idsCounted = ({ state, time }: Firing): string[] =>
  state
    .windowAt(time)
    .between(time)
    .map(({ id }) => id)

const occurrence = ({ event, time }: Case, outcome: FinalOutcome): Occurrence => ({
  id: event.id,
  time,
  event: event.outcome === outcome ? event : { ...event, outcome },
})

/** A lifted freeze starts the account afresh: what led to it no longer counts. */
export const resetAfterLift = (states: Iterable<TreeState>, event: AccessEvent): void => {
  if (event.action !== 'lift' || event.outcome !== 'granted' || !event.subject || event.source !== 'custodia') return
  for (const state of states)
    if (state.tree.root.custodia.respond.some((response) => response.do === 'freeze')) state.resetActor(event.subject)
}
