import { CustomerInput, isIdNumber } from '@custodia/contracts'
import { describe, expect, it } from '@jest/globals'
import { demoPerson } from './people.js'

const people = Array.from({ length: 2000 }, (_, seed) => demoPerson(seed))

describe('demo customers', () => {
  it('are what the vault accepts, with valid ID numbers that fit their birth and sex', () => {
    const today = new Date('2026-11-22T00:00:00Z')
    for (const person of people) {
      expect(CustomerInput.safeParse(person)).toMatchObject({ success: true })
      expect(isIdNumber(person.id_number, today)).toBe(true)
      expect(person.id_number.slice(6, 14)).toBe(person.birth.replaceAll('-', ''))
      expect(Number(person.id_number[16]) % 2).toBe(person.male ? 1 : 0)
    }
  })

  it('are the same for the same seed and different persons for different seeds', () => {
    expect(demoPerson(7)).toEqual(people[7])
    expect(new Set(people.map(({ id_number }) => id_number)).size).toBe(2000)
    expect(new Set(people.map(({ phone }) => phone)).size).toBeGreaterThan(1900)
    expect(new Set(people.map(({ name }) => name)).size).toBeGreaterThan(1000)
  })

  it('have names in Latin letters too', () => {
    for (const { pinyin } of people) expect(pinyin).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
  })
})
