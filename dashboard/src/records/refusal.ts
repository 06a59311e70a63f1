import type { ApiProblem } from '../api/problem.js'

/** What a person can do about a refusal, at once: choose a purpose, record a consent, try again, or ask somebody. */
export type Remedy = 'purpose' | 'consent' | 'retry' | 'ask'

export const beyonds = [
  'customer',
  'field',
  'count',
  'period',
  'purpose',
  'use',
  'pending',
  'denied',
  'revoked',
  'frozen',
] as const
type Beyond = (typeof beyonds)[number]

export interface Refusal {
  remedy: Remedy
  /** limit_reached: the rule and its limit */
  rule?: string
  limit?: number
  /** approval_exceeded: in what the use goes beyond it */
  beyond?: Beyond
  /** approval_required: one of the reader's own that would do */
  approval?: string
  /** approval_required: customers that the reader has exported without one in the last 24 hours */
  exported?: number
  /** consent_missing: what no consent covers */
  information: string[]
}

const remedies: Partial<Record<ApiProblem['code'], Remedy>> = {
  purpose_required: 'purpose',
  consent_missing: 'consent',
  limit_reached: 'ask',
  not_allowed: 'ask',
  field_not_allowed: 'ask',
  approval_required: 'ask',
  approval_exceeded: 'ask',
  emergency_unreviewed: 'ask',
  outside_hours: 'ask',
  outside_network: 'ask',
  not_found: 'ask',
  account_frozen: 'ask',
}

export const refusalOf = ({ code, extras }: Pick<ApiProblem, 'code' | 'extras'>): Refusal => {
  const { rule, limit, exported, information_types: types } = extras
  const [approval] = Array.isArray(extras['approvals']) ? (extras['approvals'] as unknown[]) : []
  const beyond = beyonds.find((each) => each === extras['beyond'])
  return {
    remedy: beyond === 'purpose' ? 'purpose' : (remedies[code] ?? 'retry'),
    ...(beyond && { beyond }),
    ...(typeof approval === 'string' && { approval }),
    ...(typeof rule === 'string' && { rule }),
    ...(typeof limit === 'number' && { limit }),
    ...(typeof exported === 'number' && { exported }),
    information: Array.isArray(types) ? types.filter((type) => typeof type === 'string') : [],
  }
}

/** What the server said about each field: `body.consent.until` is about `consent.until`. */
export const fieldErrors = (problem: Pick<ApiProblem, 'code' | 'errors'> | undefined): Record<string, string> => {
  if (!problem) return {}
  const found = problem.errors.map(({ path, message }) => [path.replace(/^(body|query)\./, ''), message] as const)
  if (problem.code === 'invalid_id_number' && !found.some(([path]) => path === 'id_number'))
    found.push(['id_number', ''])
  return Object.fromEntries(found)
}
