import { describe, expect, it } from '@jest/globals'
import { digitsOf } from './code.js'

describe('six-digit code', () => {
  it('takes what authenticator apps copy', () => {
    expect(digitsOf('123 456')).toBe('123456')
    expect(digitsOf(' 123-456\n')).toBe('123456')
  })
  it('reads full-width digits of a Chinese keyboard', () => expect(digitsOf('１２３４５６')).toBe('123456'))
  it('drops what is not a digit or too much', () => expect(digitsOf('code: 12345678')).toBe('123456'))
})
