import { describe, expect, it } from '@jest/globals'
import { ProblemError } from '../gateway/problem.js'
import { Throttle } from './throttle.js'

const setUp = () => {
  let now = 1_000_000
  const throttle = new Throttle(() => now)
  const answer = (account: string, address: string) => {
    try {
      throttle.begin(account, address)
      return 'tried'
    } catch (error) {
      return Number((error as ProblemError).extra.headers?.['retry-after'])
    }
  }
  return { throttle, answer, pass: (seconds: number) => (now += seconds * 1000) }
}

describe('Throttle', () => {
  it('lets five attempts through and makes the sixth wait', () => {
    const { answer } = setUp()
    expect(Array.from({ length: 6 }, () => answer('a', '10.0.0.1'))).toEqual([
      'tried',
      'tried',
      'tried',
      'tried',
      'tried',
      1,
    ])
  })

  it('doubles the wait with each further failure, up to fifteen minutes', () => {
    const { answer, pass } = setUp()
    for (let i = 0; i < 5; i++) answer('a', '10.0.0.1')
    const waits: unknown[] = []
    for (let i = 0; i < 13; i++) {
      const wait = answer('a', '10.0.0.1')
      waits.push(wait)
      pass(Number(wait))
      expect(answer('a', '10.0.0.1')).toBe('tried')
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  })

  it('makes nobody else wait: another address, another account', () => {
    const { answer } = setUp()
    for (let i = 0; i < 6; i++) answer('a', '10.0.0.1')
    expect(answer('a', '10.0.0.2')).toBe('tried')
    expect(answer('b', '10.0.0.1')).toBe('tried')
  })

  it('begins anew after a success, and after an hour of rest', () => {
    const { throttle, answer, pass } = setUp()
    for (let i = 0; i < 5; i++) answer('a', '10.0.0.1')
    throttle.succeeded('a', '10.0.0.1')
    expect(answer('a', '10.0.0.1')).toBe('tried')
    for (let i = 0; i < 5; i++) answer('a', '10.0.0.1')
    pass(3601)
    expect(answer('a', '10.0.0.1')).toBe('tried')
  })

  it('keeps a bounded memory', () => {
    const { throttle, answer } = setUp()
    for (let i = 0; i < 6; i++) answer('first', '10.0.0.1')
    for (let i = 0; i < 20_000; i++) throttle.begin(`account ${i}`, '10.0.0.9')
    expect(answer('first', '10.0.0.1')).toBe('tried')
  })
})
