import type { AccessEvent, Alert, EventPlace, FinalOutcome, Risk, UsualFact, Verdict } from '@custodia/contracts'
import type { Firing, Occurrence, Plan, TreeState } from '../correlate/index.js'
import type { RuleEvent } from '../sigma/rule.js'
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
  late: boolean
  mayFreeze: boolean
  /** where the event stands among its actor's, when that actor is one of ours */
  place?: EventPlace
  /** what rules read beside the event's own fields, and what an alert explains itself by */
  seen?: { baseline: object; risk: Risk; facts: () => UsualFact[] }
}

export interface Judgement {
  outcome: FinalOutcome
  verdict?: Verdict
  alerts: Alert[]
}

/** Which rules are to count an event, which is seen with its outcome. */
export type PlanOf = (seen: RuleEvent) => Plan

/** Judges one event and remembers it in the windows of the rules that it matches. The same log gives the same judgements. */
export const judge = (planOf: PlanOf, the: Case, hash: Hash): Judgement => {
  const { event } = the
  const known = the.outcome ?? (event.outcome === 'held' ? undefined : event.outcome)
  if (known) return { outcome: known, alerts: count(planOf, the, known, [], hash) }
  const ifAllowed = occurrence(the, 'allowed')
  const held = judgeHeld(planOf(ifAllowed.event), ifAllowed)
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
    alerts: count(planOf, the, held.verdict, refusals, hash),
  }
}

/**
 * Rules see the event with its final outcome. A rule that holds counts what was let through and nothing else; the access that
 * it refuses fires it all the same, worth one more than was allowed.
 */
const count = (planOf: PlanOf, the: Case, outcome: FinalOutcome, refusals: readonly Firing[], hash: Hash): Alert[] => {
  const seen = occurrence(the, outcome)
  const served = outcome === 'granted' || outcome === 'allowed'
  const firings = planOf(seen.event).flatMap(({ state, bases }) =>
    state.tree.root.custodia.hold && !served ? [] : state.judge(seen, bases),
  )
  return [...refusals, ...firings].flatMap((firing) => {
    const evidence = (): string[] => [...new Set([...idsCounted(firing), firing.eventId])]
    const { event, late, mayFreeze, place, seen: beside } = the
    const held = refusals.includes(firing)
    const decision = decideAlert({ firing, event, evidence, late, mayFreeze, held, place, seen: beside }, hash)
    if (!('raise' in decision)) return []
    firing.state.lastAlertAt = firing.time
    return [decision.raise]
  })
}

const idsCounted = ({ state, time }: Firing): string[] => state.window.entriesAt(time).map(({ id }) => id)

const occurrence = ({ event, time, seen }: Case, outcome: FinalOutcome): Occurrence => ({
  id: event.id,
  time,
  event: seen
    ? { ...event, outcome, baseline: seen.baseline, risk: seen.risk }
    : event.outcome === outcome
      ? event
      : { ...event, outcome },
})

/** A lifted freeze starts the account afresh: what led to it no longer counts. */
export const resetAfterLift = (states: Iterable<TreeState>, event: AccessEvent): void => {
  if (event.action !== 'lift' || event.outcome !== 'granted' || !event.subject || event.source !== 'custodia') return
  for (const state of states)
    if (state.tree.root.custodia.respond.some((response) => response.do === 'freeze')) state.resetActor(event.subject)
}
