import { describe, expect, it } from '@jest/globals'
import { Password } from '@custodia/contracts'
import { randomBytes } from 'node:crypto'
import { firstPassword } from './first-password.js'

describe('first password', () => {
  it('is long enough for the contract and easy to read out', () => {
    const password = firstPassword((count) => randomBytes(count))
    expect(Password.safeParse(password).success).toBe(true)
    expect(password).toMatch(/^[a-zA-Z2-9]{4}(-[a-zA-Z2-9]{4}){3}$/)
    expect(password).not.toMatch(/[IlO01o]/)
  })
  it('throws away bytes that would favour the first characters', () => {
    const batches = [new Uint8Array(16).fill(255), new Uint8Array(16).fill(0)]
    expect(firstPassword(() => batches.shift() ?? new Uint8Array())).toBe('aaaa-aaaa-aaaa-aaaa')
  })
})
