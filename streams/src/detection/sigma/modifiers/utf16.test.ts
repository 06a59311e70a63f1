import { describe, expect, it } from '@jest/globals'
import { matches } from '../testing/index.js'

describe('wide, utf16le, utf16be, utf16', () => {
  it('are the bytes of the text', () => {
    expect(matches('x|wide', 'cmd', { x: 'c\0m\0d\0' })).toBe(true)
    expect(matches('x|utf16le|contains', 'md', { x: 'c\0m\0d\0' })).toBe(true)
    expect(matches('x|utf16be', 'cmd', { x: '\0c\0m\0d' })).toBe(true)
  })

  it('put the byte order mark before it', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x63, 0, 0x6d, 0]).toString('base64')
    expect(matches('x|utf16|base64', 'cm', { x: bytes })).toBe(true)
  })
})
