import { describe, expect, it } from '@jest/globals'
import { purposeMemory } from './purpose-memory.js'

describe('a stated purpose', () => {
  it('is kept for that customer, not for another', () => {
    const memory = purposeMemory()
    memory.keep('li', 'c1', 'contract')
    expect(memory.recall('li', 'c1')).toBe('contract')
    expect(memory.recall('li', 'c2')).toBeUndefined()
    memory.forget('li', 'c1')
    expect(memory.recall('li', 'c1')).toBeUndefined()
  })
  it('is not inherited by the next person, nor given back to the first', () => {
    const memory = purposeMemory()
    memory.keep('li', 'c1', 'contract')
    expect(memory.recall('wang', 'c1')).toBeUndefined()
    expect(memory.recall('li', 'c1')).toBeUndefined()
  })
})
