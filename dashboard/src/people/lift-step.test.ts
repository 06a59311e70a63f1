import { describe, expect, it } from '@jest/globals'
import type { Freeze } from '@custodia/contracts'
import { liftStep } from './lift-step.js'

const freeze = (over: Partial<Freeze> = {}): Freeze => ({
  id: 'f',
  account: 'clerk',
  reason: 'Bulk photo view',
  by: 'system',
  severity: 'high',
  two_persons: true,
  set_at: '2026-03-10T02:00:00.000Z',
  until: '2026-03-10T03:00:00.000Z',
  ...over,
})

describe('liftStep', () => {
  it('lets one person lift what a person froze, or a rule of lower severity', () => {
    expect(liftStep(freeze({ by: 'analyst-1', two_persons: undefined }), 'me')).toBe('lift')
    expect(liftStep(freeze({ severity: 'medium', two_persons: undefined }), 'me')).toBe('lift')
    expect(liftStep(undefined, 'me')).toBe('lift')
  })

  it('takes two for what a rule of high severity froze', () => {
    expect(liftStep(freeze(), 'me')).toBe('ask')
    expect(liftStep(freeze({ by: 'me', severity: undefined }), 'me')).toBe('ask')
    expect(liftStep(freeze({ lift_asked_by: 'me' }), 'me')).toBe('wait')
    expect(liftStep(freeze({ severity: 'critical', lift_asked_by: 'other' }), 'me')).toBe('lift')
  })
})
