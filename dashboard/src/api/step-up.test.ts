import { beforeEach, describe, expect, it } from '@jest/globals'
import type { StepUpDetail } from '@custodia/contracts'
import { ApiProblem } from './problem.js'
import { proofFor, proveWith } from './step-up.js'

const step_up: StepUpDetail = { id: 'asked-1', factors: ['totp'], options: {} }
const problem = (code: 'step_up_required' | 'not_allowed', extras: object = { step_up }) =>
  new ApiProblem(403, { code, ...extras })

describe('a refused action', () => {
  const asked: StepUpDetail[] = []
  let answer: string | undefined
  beforeEach(() => {
    asked.length = 0
    answer = 'asked-1'
    proveWith((detail) => {
      asked.push(detail)
      return Promise.resolve(answer)
    })
  })

  it('comes again with the proof that it asked for', async () => {
    expect(await proofFor(problem('step_up_required'))).toEqual({ 'custodia-step-up': 'asked-1' })
    expect(asked).toEqual([step_up])
  })

  it('says how long a rule goes on asking', async () => {
    const told: (string | undefined)[] = []
    proveWith((_, until) => {
      told.push(until)
      return Promise.resolve(undefined)
    })
    await proofFor(problem('step_up_required', { step_up, until: '2026-11-22T14:00:00.000Z' }))
    await proofFor(problem('step_up_required'))
    expect(told).toEqual(['2026-11-22T14:00:00.000Z', undefined])
  })

  it('stays refused when the person gives up, and when it was refused for something else', async () => {
    answer = undefined
    expect(await proofFor(problem('step_up_required'))).toBeUndefined()
    expect(await proofFor(problem('not_allowed'))).toBeUndefined()
    expect(await proofFor(problem('step_up_required', {}))).toBeUndefined()
    expect(asked).toHaveLength(1)
  })
})
