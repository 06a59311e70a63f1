import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('contains, startswith, endswith', () => {
  it('look for the value where they say', () => {
    expect(matches('x|contains', 'bc', { x: 'ABCD' })).toBe(true)
    expect(matches('x|startswith', 'ab', { x: 'ABCD' })).toBe(true)
    expect(matches('x|startswith', 'bc', { x: 'ABCD' })).toBe(false)
    expect(matches('x|endswith', '[zz, cd]', { x: 'ABCD' })).toBe(true)
    expect(matches('x|endswith', 'cd', { x: ['ab', 'abcd'] })).toBe(true)
  })

  it('keep wildcards and escapes inside the value', () => {
    expect(matches('x|contains', "'a*c?e'", { x: '-a--c-e-' })).toBe(true)
    expect(matches('x|contains', "'a\\*c'", { x: 'a-c' })).toBe(false)
    expect(matches('x|contains', "'a\\*c'", { x: '-a*c-' })).toBe(true)
    expect(matches('x|endswith', "'\\cmd.exe'", { x: 'C:\\CMD.EXE' })).toBe(true)
  })

  it('take numbers as they are written', () => {
    expect(matches('v|startswith', '10.0', { v: '10.0.19041' })).toBe(true)
    expect(matches('v|contains', '46', { v: 4625 })).toBe(true)
  })
})
