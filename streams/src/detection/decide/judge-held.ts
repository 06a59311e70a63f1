import type { Firing, Occurrence, Plan, TreeState } from '../correlate/index.js'

export type HeldDecision = { verdict: 'allowed' } | { verdict: 'refused'; refusals: Firing[] }

/**
 * Judges a held access before it is answered: every rule that holds looks at what its window would be worth with this event,
 * and one that would pass its limit refuses it. Nothing is counted here. A window too full to remember refuses too.
 */
export const judgeHeld = (plan: Plan, occurrence: Occurrence): HeldDecision => {
  const refusals: Firing[] = []
  for (const { state, bases } of plan) {
    if (!holds(state)) continue
    for (const firing of state.peek(occurrence, bases))
      if (firing.full || firing.value > (state.tree.limit ?? 0)) refusals.push(firing)
  }
  return refusals.length ? { verdict: 'refused', refusals } : { verdict: 'allowed' }
}

/** In shadow a rule only tells what it would have done. */
export const holds = ({ tree }: TreeState): boolean => tree.root.custodia.hold && tree.root.custodia.mode === 'live'
