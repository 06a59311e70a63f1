import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { ReviewResult } from '@custodia/contracts'
import { lastBoundary } from './boundary.js'
import { canonical, fingerprintOf, isSignedBy, publicKeyOf, signedReview } from './signed-result.js'

const keysOf = (secret: string) => ({
  hmacKey: (name: string) =>
    createHash('sha256')
      .update(secret + name)
      .digest(),
})
const ours = keysOf('ours')
const at = '2026-10-01T00:00:00.000Z'
const result: ReviewResult = {
  format: 'custodia access review 1',
  id: 'r1',
  opened_at: at,
  due_at: at,
  closed_at: at,
  complete: true,
  people: [
    {
      account: 'a1',
      name: '张伟',
      username: 'zhang.wei',
      rights: { role: 'staff', team: 'service', branch: 'shanghai' },
      decision: 'confirmed',
      decided_by: 'm1',
      decided_at: at,
    },
  ],
}

describe('the result of a review', () => {
  it('has one spelling, however its members are ordered', () => {
    const turned = Object.fromEntries(Object.entries(result).reverse())
    expect(canonical(turned)).toBe(canonical(result))
    expect(canonical({ b: [1, 'ü"'], a: undefined, A: null })).toBe('{"A":null,"b":[1,"ü\\""]}')
  })

  it('is known by the key of the house that signed it, and by no other', () => {
    const signed = signedReview(result, ours)
    expect(isSignedBy(JSON.parse(JSON.stringify(signed)) as typeof signed, publicKeyOf(ours))).toBe(true)
    const forged = signedReview(result, keysOf('forger'))
    expect(isSignedBy(forged, publicKeyOf(ours))).toBe(false) // the key it names itself counts for nothing
    expect(fingerprintOf(publicKeyOf(ours))).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/)
  })

  it.each<[string, (signed: ReturnType<typeof signedReview>) => void]>([
    ['a decision', ({ result: { people } }) => Object.assign(people[0] ?? {}, { decision: 'removed' })],
    ['a person left out', ({ result: { people } }) => people.pop()],
    ['completeness', ({ result: whole }) => (whole.complete = false)],
    ['the signature', ({ signature }) => (signature.value = Buffer.alloc(64).toString('base64'))],
    ['no signature at all', ({ signature }) => (signature.value = '')],
  ])('shows a change: %s', (_what, change) => {
    const signed = structuredClone(signedReview(result, ours))
    change(signed)
    expect(isSignedBy(signed, publicKeyOf(ours))).toBe(false)
  })
})

describe('a review begins', () => {
  it.each([
    [3, '2026-11-22T00:00:00Z', '2026-09-30T16:00:00.000Z'],
    [3, '2026-09-30T16:00:00Z', '2026-09-30T16:00:00.000Z'],
    [3, '2026-09-30T15:59:59Z', '2026-06-30T16:00:00.000Z'],
    [1, '2026-11-22T00:00:00Z', '2026-10-31T16:00:00.000Z'],
    [12, '2026-11-22T00:00:00Z', '2025-12-31T16:00:00.000Z'],
  ])('every %i months by the calendar of the house: at %s the newest began %s', (months, now, begin) => {
    expect(lastBoundary(months, 'Asia/Shanghai', new Date(now)).toISOString()).toBe(begin)
  })
})
