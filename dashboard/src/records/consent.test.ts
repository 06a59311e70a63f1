import type { Consent } from '@custodia/contracts'
import { describe, expect, it } from '@jest/globals'
import { consentOf, consentState, covers, leadingConsent, newConsent, type ConsentDraft } from './consent.js'

const now = Date.parse('2026-11-22T06:00:00Z')
const zone = 'Asia/Shanghai'
const aConsent = (over: Partial<Consent> = {}): Consent => ({
  id: 'c1',
  given_at: '2026-01-01T00:00:00Z',
  information_types: ['id_photo'],
  purposes: ['identity_check'],
  way: 'signature',
  recorded_by: 'u1',
  ...over,
})
const aDraft = (over: Partial<ConsentDraft> = {}): ConsentDraft =>
  newConsent(now, zone, { information: ['basic'], purposes: ['contract'], way: 'paper', ...over })

describe('a consent', () => {
  it('is in force, withdrawn, ended, or not yet given', () => {
    expect(consentState(aConsent(), now)).toBe('in_force')
    expect(consentState(aConsent({ withdrawn_at: '2026-02-01T00:00:00Z' }), now)).toBe('withdrawn')
    expect(consentState(aConsent({ until: '2026-11-22T06:00:00Z' }), now)).toBe('ended')
    expect(consentState(aConsent({ given_at: '2026-11-22T07:00:00Z' }), now)).toBe('later')
  })
  it('covers what it names, for the purposes it names', () => {
    expect(covers([aConsent()], 'id_photo', now)).toBe(true)
    expect(covers([aConsent()], 'id_photo', now, 'complaint')).toBe(false)
    expect(covers([aConsent()], 'face', now)).toBe(false)
    expect(covers([aConsent({ until: '2026-11-01T00:00:00Z' })], 'id_photo', now)).toBe(false)
  })
  it('the longest in force leads; one without an end outlasts all', () => {
    const list = [
      aConsent({ id: 'short', until: '2027-01-01T00:00:00Z' }),
      aConsent({ id: 'open' }),
      aConsent({ id: 'gone', withdrawn_at: '2026-02-01T00:00:00Z' }),
    ]
    expect(leadingConsent(list, now)?.id).toBe('open')
    expect(leadingConsent([], now)).toBeUndefined()
  })
})

describe('recording a consent', () => {
  it('starts with now and with nothing ticked', () => {
    expect(newConsent(now, zone)).toEqual({
      given: '2026-11-22 14:00',
      until: null,
      information: [],
      purposes: [],
      way: null,
    })
    expect(consentOf(newConsent(now, zone), now, zone).gaps).toEqual(['information', 'purposes', 'way'])
  })
  it('sends instants; the last day counts whole', () => {
    expect(consentOf(aDraft({ until: '2027-03-31' }), now, zone).consent).toEqual({
      given_at: '2026-11-22T06:00:00.000Z',
      information_types: ['basic'],
      purposes: ['contract'],
      way: 'paper',
      until: '2027-03-31T15:59:59.000Z',
    })
  })
  it('is neither given in the future nor over already', () => {
    expect(consentOf(aDraft({ given: '2026-11-23 00:00', until: '2026-11-21' }), now, zone).gaps).toEqual([
      'given_later',
      'until',
    ])
    expect(consentOf(aDraft({ given: null }), now, zone).gaps).toEqual(['given'])
  })
})
