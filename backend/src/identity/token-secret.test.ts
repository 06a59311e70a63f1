import { describe, expect, it } from '@jest/globals'
import { bearerOf, isToken, makeToken } from './token-secret.js'

describe('a token', () => {
  it('has a prefix to search for, 256 bits and a checksum', () => {
    const tokens = Array.from({ length: 200 }, makeToken)
    expect(new Set(tokens).size).toBe(200)
    for (const token of tokens) {
      expect(token).toMatch(/^custodia_[0-9A-Za-z]{49}$/)
      expect(isToken(token)).toBe(true)
    }
  })

  it('is known to be none when a sign of it is wrong, without asking anybody', () => {
    const token = makeToken()
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'x' ? 'y' : 'x'
      expect(isToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false)
    }
    expect(isToken(`${token}0`)).toBe(false)
    expect(isToken(` ${token}`)).toBe(false)
  })

  it('stands in a header of its own scheme', () => {
    const token = makeToken()
    expect(bearerOf(`Bearer ${token}`)).toBe(token)
    for (const wrong of [token, `Basic ${token}`, `Bearer ${token} ${token}`, `Bearer ${token}\r\nx: y`, ''])
      expect(bearerOf(wrong)).toBeUndefined()
  })
})
