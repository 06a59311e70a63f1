import { describe, expect, it } from '@jest/globals'
import type { Recovery } from '@custodia/contracts'
import { stateAt, stepsFor } from './recovery-state.js'

const now = Date.parse('2026-03-10T10:00:00Z')
const aReset = (over: Partial<Recovery> = {}): Recovery => ({
  id: 'r',
  account: 'clerk',
  account_name: 'Clerk',
  state: 'asked',
  reason: 'lost the phone',
  asked_by: 'one',
  asked_by_name: 'One',
  asked_at: '2026-03-09T09:00:00Z',
  ...over,
})

describe('a reset', () => {
  it('is ready when the waiting time is over', () => {
    expect(stateAt(aReset({ state: 'waiting', due_at: '2026-03-10T10:00:01Z' }), now)).toBe('waiting')
    expect(stateAt(aReset({ state: 'waiting', due_at: '2026-03-10T10:00:00Z' }), now)).toBe('ready')
    expect(stateAt(aReset({ state: 'done', due_at: '2026-03-10T09:00:00Z' }), now)).toBe('done')
  })

  it('is approved by another administrator, finished by one of the two, and by nobody for themselves', () => {
    expect(stepsFor(aReset(), { id: 'one' }, now)).toEqual({ approve: false, finish: false, stop: true })
    expect(stepsFor(aReset(), { id: 'two' }, now)).toEqual({ approve: true, finish: false, stop: true })
    expect(stepsFor(aReset(), { id: 'clerk' }, now)).toEqual({ approve: false, finish: false, stop: false })
    const ready = aReset({ state: 'waiting', due_at: '2026-03-10T09:00:00Z' })
    expect(stepsFor(ready, { id: 'one' }, now)).toEqual({ approve: false, finish: true, stop: true })
    expect(stepsFor(ready, { id: 'three' }, now)).toEqual({ approve: false, finish: false, stop: true })
    const agreed = { ...ready, approved_by: 'two' }
    expect(stepsFor(agreed, { id: 'two' }, now)).toEqual({ approve: false, finish: true, stop: true })
    expect(stepsFor(aReset({ state: 'cancelled' }), { id: 'two' }, now)).toEqual({
      approve: false,
      finish: false,
      stop: false,
    })
  })

  it('of the house is no matter of the demonstration', () => {
    const demo = { id: 'demo.admin', demo: true }
    expect(stepsFor(aReset(), demo, now)).toEqual({ approve: false, finish: false, stop: true })
    expect(stepsFor(aReset({ demo: true }), demo, now)).toMatchObject({ approve: true })
  })
})
