import type { Consent, ConsentInput } from '@custodia/contracts'
import type { z } from 'zod'
import { ProblemError } from '../../gateway/problem.js'
import type { consents } from '../../record-store/schema.js'
import { clockSkewMs } from './covers.js'

type Row = typeof consents.$inferSelect
export type ConsentTermsInput = z.output<typeof ConsentInput> & { source?: string }

/** A consent is given before it is recorded, and runs out after it is given. */
export function requireTerms({ given_at, until }: ConsentTermsInput, now: Date): void {
  const errors = []
  if (Date.parse(given_at) > now.getTime() + clockSkewMs)
    errors.push({ path: 'body.given_at', message: 'a consent is recorded after it was given' })
  if (until !== undefined && Date.parse(until) <= Date.parse(given_at))
    errors.push({ path: 'body.until', message: 'must be after given_at' })
  if (errors.length) throw new ProblemError('invalid_input', { errors })
}

export const consentRow = (id: string, customerId: string, input: ConsentTermsInput, recordedBy: string) => ({
  id,
  customerId,
  givenAt: new Date(input.given_at),
  informationTypes: [...new Set(input.information_types)],
  purposes: [...new Set(input.purposes)],
  way: input.way,
  until: input.until === undefined ? null : new Date(input.until),
  source: input.source ?? null,
  recordedBy,
  withdrawnAt: null,
})

export const presentConsent = (row: Omit<Row, 'createdAt' | 'customerId'>): Consent => ({
  id: row.id,
  given_at: row.givenAt.toISOString(),
  information_types: row.informationTypes,
  purposes: row.purposes,
  way: row.way,
  until: row.until?.toISOString(),
  source: row.source ?? undefined,
  recorded_by: row.recordedBy,
  withdrawn_at: row.withdrawnAt?.toISOString(),
})
