import { purposes, type Consent } from '@custodia/contracts'
import { ProblemError } from '../../gateway/problem.js'
import type { Information } from '../personal-data.js'

export type PurposeId = (typeof purposes)[number]['id']
/** What decides whether a consent is in force and for what. */
export interface ConsentTerms {
  givenAt: Date
  until: Date | null
  withdrawnAt: Date | null
  informationTypes: Consent['information_types']
  purposes: Consent['purposes']
}

/** Clocks of a clerk's machine and ours may differ by this much. */
export const clockSkewMs = 5 * 60_000

/** The purpose that was stated, or `purpose_required` when none of the list was. */
export function requirePurpose(given: string | undefined): PurposeId {
  const known = purposes.find(({ id }) => id === given)
  if (!known) throw new ProblemError('purpose_required')
  return known.id
}

/** Given already, not withdrawn, not run out. */
export const inForce = (consent: Pick<ConsentTerms, 'givenAt' | 'until' | 'withdrawnAt'>, at: Date): boolean =>
  consent.givenAt.getTime() <= at.getTime() + clockSkewMs &&
  consent.withdrawnAt === null &&
  (consent.until === null || consent.until > at)

/** The information types that no consent covers; with a purpose: that none covers for this purpose. */
export const uncovered = (
  consents: readonly ConsentTerms[],
  needed: readonly Information[],
  at: Date,
  purpose?: PurposeId,
): Information[] => {
  const valid = consents.filter((c) => inForce(c, at) && (purpose === undefined || c.purposes.includes(purpose)))
  return [...new Set(needed)].filter((type) => !valid.some((c) => c.informationTypes.includes(type)))
}
