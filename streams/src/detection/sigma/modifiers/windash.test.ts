import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('windash', () => {
  it('takes any dash that begins a flag', () => {
    for (const dash of ['-', '/', '–', '—', '―'])
      expect(matches('x|windash|contains', "' -f-g '", { x: `tool ${dash}f-g x` })).toBe(true)
    expect(matches('x|windash|contains', "' -f-g '", { x: 'tool -f/g x' })).toBe(false)
    expect(matches('x|contains|windash', "' /a -b'", { x: 'tool -a /b' })).toBe(true)
    expect(matches('x|windash|contains|all', "['-a', '/b']", { x: 'tool /a' })).toBe(false)
  })
})
