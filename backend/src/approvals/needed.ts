import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { requireRevealable } from '../vault/field-levels.js'
import type { Claim } from './spending.service.js'

/**
 * What of a use takes an approval: fields that the table gives under one only, or exports of more customers in 24 hours than it
 * lets go; `exported`: of how many this person has some already. Refuses what this role never gets.
 */
export function takesApproval(who: Caller, { use, fields, customers }: Omit<Claim, 'purpose'>, exported = 0) {
  const beyond = requireRevealable(who, fields)
  const larger = use === 'export' && exported + customers.length > who.policy.settings.larger_export
  if (!beyond.length && !larger) return undefined
  return { fields: beyond, larger_export: larger, ...(larger && { exported }) }
}

/** Refuses what takes an approval and names none. */
export function requireApproval(
  who: Caller,
  claim: Omit<Claim, 'purpose'>,
  approval: string | undefined,
  exported?: number,
): void {
  const taken = takesApproval(who, claim, exported)
  if (taken && !approval) throw new ProblemError('approval_required', taken)
}
