import { describe, expect, it } from '@jest/globals'
import { ApiProblem } from '../api/problem.js'
import { fieldErrors, refusalOf } from './refusal.js'

describe('a refusal', () => {
  it('says what can be done about it', () => {
    expect(refusalOf(new ApiProblem(403, { code: 'purpose_required' })).remedy).toBe('purpose')
    expect(refusalOf(new ApiProblem(503, { code: 'verdict_missing' })).remedy).toBe('retry')
    expect(refusalOf(new ApiProblem(503, { code: 'event_log_unavailable' })).remedy).toBe('retry')
  })
  it('names the rule and its limit', () => {
    const body = { code: 'limit_reached' as const, rule: 'bulk-photo-view', limit: 50 }
    expect(refusalOf(new ApiProblem(403, body))).toEqual({
      remedy: 'ask',
      rule: 'bulk-photo-view',
      limit: 50,
      information: [],
    })
  })
  it('says in what an approval falls short, and names one that would do', () => {
    const of = (code: 'approval_exceeded' | 'approval_required', extras: object) =>
      refusalOf(new ApiProblem(403, { code, ...extras }))
    expect(of('approval_exceeded', { beyond: 'count' })).toEqual({ remedy: 'ask', beyond: 'count', information: [] })
    expect(of('approval_exceeded', { beyond: 'purpose' }).remedy).toBe('purpose')
    expect(of('approval_exceeded', { beyond: 'of another kind' }).beyond).toBeUndefined()
    expect(of('approval_required', { approvals: ['a', 'b'] }).approval).toBe('a')
    expect(of('approval_required', { approvals: [] }).approval).toBeUndefined()
    expect(of('approval_required', { exported: 500 }).exported).toBe(500)
  })
  it('names what no consent covers, and trusts nothing of the wrong shape', () => {
    const of = (information_types: unknown) =>
      refusalOf({ code: 'consent_missing', extras: { information_types, rule: 7 } })
    expect(of(['face', 3]).information).toEqual(['face'])
    expect(of('face')).toEqual({ remedy: 'consent', information: [] })
  })
})

describe('errors at their fields', () => {
  it('lose the part of the request they stood in', () => {
    const errors = [
      { path: 'body.name', message: 'too long' },
      { path: 'body.consent.until', message: 'must be after given_at' },
    ]
    expect(fieldErrors(new ApiProblem(400, { code: 'invalid_input', errors }))).toEqual({
      name: 'too long',
      'consent.until': 'must be after given_at',
    })
  })
  it('an invalid ID number is about that field', () => {
    expect(fieldErrors(new ApiProblem(422, { code: 'invalid_id_number' }))).toEqual({ id_number: '' })
    expect(fieldErrors(undefined)).toEqual({})
  })
})
