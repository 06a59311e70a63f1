import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('windash', () => {
  it('takes any dash that begins a flag', () => {
    for (const dash of ['-', '/', '–', '—', '―'])
      expect(matches('x|windash|contains', "' -f-g '", { x: `tool ${dash}f-g x` })).toBe(true)
    expect(matches('x|windash|contains', "' -f-g '", { x: 'tool -f/g x' })).toBe(false)
    expect(matches('x|contains|windash', "' /a -b'", { x: 'tool -a /b' })).toBe(true)
    expect(matches('x|windash|contains|all', "['-a', '/b']", { x: 'tool /a' })).toBe(false)
  })

  it('takes five flags, and refuses more before it builds their permutations', () => {
    expect(matches('x|windash|contains', "'-a -b -c -d -e'", { x: '/a –b —c ―d -e' })).toBe(true)
    const eleven = "'-a -b -c -d -e -f -g -h -i -j -k'"
    for (const flags of ["'-a -b -c -d -e -f'", eleven, "'-a*-b*-c*-d*-e*-f*-g*-h*-i*-j*-k'"])
      expect(problemOf('x|windash|contains', flags)).toContain('more than five flags')
  })
})
