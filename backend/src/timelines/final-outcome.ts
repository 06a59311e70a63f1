import type { AccessOutcome, FinalOutcome } from '@custodia/contracts'

/** Verdicts by the id that they are about. */
export type VerdictsOf = Map<string, { kinds: readonly string[]; rule: string }>

/**
 * The outcome that people and rules read, as the view `accesses` has it: of several verdicts the strictest counts; a part of an
 * export has its header's; held without a verdict was not served.
 */
export function finalOf(
  event: { id: string; part_of?: string | undefined; outcome: AccessOutcome },
  verdicts: VerdictsOf,
): { final_outcome: FinalOutcome; verdict_rule?: string } {
  if (event.outcome !== 'held') return { final_outcome: event.outcome }
  const found = verdicts.get(event.part_of || event.id)
  if (!found) return { final_outcome: 'expired' }
  if (found.kinds.includes('refused')) return { final_outcome: 'refused', verdict_rule: found.rule }
  return { final_outcome: found.kinds.includes('expired') ? 'expired' : 'allowed' }
}
