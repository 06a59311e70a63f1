import type { Consent, informationTypes, PhotoInfo, purposes } from '@custodia/contracts'
import { endOfDay, instantOf, wallTime } from './zoned-time.js'

export type Information = (typeof informationTypes)[number]
export type PurposeId = (typeof purposes)[number]['id']
export type PhotoKind = PhotoInfo['kind']
export type Field = 'name' | 'id_number' | 'phone' | 'email' | 'address' | 'account_number'
export type ConsentWay = Consent['way']

export type ConsentState = 'in_force' | 'withdrawn' | 'ended' | 'later'
type Terms = Pick<Consent, 'given_at' | 'until' | 'withdrawn_at' | 'information_types' | 'purposes'>
export const consentState = (consent: Omit<Terms, 'information_types' | 'purposes'>, now: number): ConsentState => {
  if (consent.withdrawn_at) return 'withdrawn'
  if (consent.until && Date.parse(consent.until) <= now) return 'ended'
  return Date.parse(consent.given_at) > now + 5 * 60_000 ? 'later' : 'in_force'
}

/** Whether a consent in force names this information; with a purpose: for that purpose. */
export const covers = (consents: readonly Terms[], type: Information, now: number, purpose?: string): boolean =>
  consents.some(
    (consent) =>
      consentState(consent, now) === 'in_force' &&
      consent.information_types.includes(type) &&
      (purpose === undefined || consent.purposes.some((each) => each === purpose)),
  )

/** The consent that the head of a customer's page names: in force, and the longest. */
export const leadingConsent = (consents: readonly Consent[], now: number): Consent | undefined =>
  consents
    .filter((consent) => consentState(consent, now) === 'in_force')
    .sort((a, b) => (b.until ?? '9999').localeCompare(a.until ?? '9999'))[0]

/** A consent as it is filled in; times are wall times of the system's zone. */
export interface ConsentDraft {
  given: string | null
  until: string | null
  information: Information[]
  purposes: PurposeId[]
  way: ConsentWay | null
}
export const newConsent = (now: number, zone: string, over: Partial<ConsentDraft> = {}): ConsentDraft => ({
  given: wallTime(now, zone),
  until: null,
  information: [],
  purposes: [],
  way: null,
  ...over,
})

export type ConsentGap = 'given' | 'given_later' | 'information' | 'purposes' | 'way' | 'until'
export type ConsentTerms = Pick<Consent, 'given_at' | 'until' | 'information_types' | 'purposes' | 'way'>

/** The consent to send, or what is still missing in it, in the order of the form. */
export const consentOf = (
  draft: ConsentDraft,
  now: number,
  zone: string,
): { consent: ConsentTerms; gaps: [] } | { consent?: undefined; gaps: ConsentGap[] } => {
  const given_at = draft.given ? instantOf(draft.given, zone) : undefined
  const until = draft.until ? endOfDay(draft.until, zone) : undefined
  const gaps: ConsentGap[] = []
  if (!given_at) gaps.push('given')
  else if (Date.parse(given_at) > now + 5 * 60_000) gaps.push('given_later')
  if (!draft.information.length) gaps.push('information')
  if (!draft.purposes.length) gaps.push('purposes')
  if (!draft.way) gaps.push('way')
  if (until && Date.parse(until) <= now) gaps.push('until')
  if (gaps.length || !given_at || !draft.way) return { gaps }
  const { information: information_types, purposes, way } = draft
  return { consent: { given_at, information_types, purposes, way, ...(until && { until }) }, gaps: [] }
}
