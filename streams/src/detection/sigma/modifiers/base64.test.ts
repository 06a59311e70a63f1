import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

const encode = (text: string) => Buffer.from(text).toString('base64')

describe('base64, base64offset', () => {
  it('encode the value', () => {
    expect(matches('x|base64', 'ping', { x: 'cGluZw==' })).toBe(true)
    expect(matches('x|base64|contains', '/bin/sh', { x: `-${encode('/bin/sh')}-` })).toBe(true)
  })

  it('find it at every offset', () => {
    for (const before of ['', 'a', 'ab', 'abc'])
      for (const after of ['', 'x', 'xy'])
        expect(matches('x|base64offset|contains', 'http://', { x: encode(before + 'http://' + after) })).toBe(true)
    expect(matches('x|base64offset|contains', 'http://', { x: encode('ftp://') })).toBe(false)
  })

  it('encode the bytes that wide made', () => {
    const powershell = Buffer.from('a ping 中', 'utf16le').toString('base64')
    expect(matches('x|wide|base64offset|contains', 'ping', { x: powershell })).toBe(true)
    expect(matches('x|wide|base64offset|contains', '中', { x: powershell })).toBe(true)
  })

  it('refuse wildcards', () => expect(problemOf('x|base64', "'a*'")).toContain('wildcards'))
})
