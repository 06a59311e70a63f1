import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { requireRevealable } from '../vault/field-levels.js'
import type { Claim } from './spending.service.js'

/** What of a use takes an approval: fields that the table gives under one only, or more customers than an export may have. Refuses what this role never gets. */
export function takesApproval(who: Caller, { use, fields, customers }: Omit<Claim, 'purpose'>) {
  const beyond = requireRevealable(who, fields)
  const larger = use === 'export' && customers.length > who.policy.settings.larger_export
  return beyond.length || larger ? { fields: beyond, larger_export: larger } : undefined
}

/** Refuses what takes an approval and names none. */
export function requireApproval(who: Caller, claim: Omit<Claim, 'purpose'>, approval: string | undefined): void {
  const taken = takesApproval(who, claim)
  if (taken && !approval) throw new ProblemError('approval_required', taken)
}
