import { vaultRoutes } from '@custodia/contracts'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { requireRevealable } from '../vault/field-levels.js'
import type { Claim } from './spending.service.js'

const { fields: proven } = vaultRoutes.customerReveal.stepUp

/** What a person proves anew each time: a program cannot, so two people have proven it beforehand, for so many customers. */
const takesProof = (use: Claim['use'], field: Claim['fields'][number]): boolean =>
  use === 'export' || proven.some((each) => each === field)

/**
 * What of a use takes an approval: fields that the table gives under one only, or exports of more customers in 24 hours than it
 * lets go; `exported`: of how many this person has some already; and of a program what takes a proof. Refuses what this role
 * never gets.
 */
export function takesApproval(who: Caller, { use, fields, customers }: Omit<Claim, 'purpose'>, exported = 0) {
  const under = requireRevealable(who, fields)
  const beyond = who.scopes ? fields.filter((field) => under.includes(field) || takesProof(use, field)) : under
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
