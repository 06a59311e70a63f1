import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

const placeholders = { admins: ['root', 'adm-*'], hosts: ['h1', 'h2'] }

describe('expand', () => {
  it('stands for each value, wildcards included', () => {
    expect(matches('x|expand', "'%admins%'", { x: 'ROOT' }, { placeholders })).toBe(true)
    expect(matches('x|expand', "'%admins%'", { x: 'adm-7' }, { placeholders })).toBe(true)
    expect(matches('x|expand', "'%admins%'", { x: '%admins%' }, { placeholders })).toBe(false)
    expect(matches('x|expand', "'%admins%@%hosts%'", { x: 'adm-7@h2' }, { placeholders })).toBe(true)
    expect(matches('x|expand|contains', "'%hosts%'", { x: '-h1-' }, { placeholders })).toBe(true)
  })

  it('is asked for: without it, or behind a backslash, a percent sign is itself', () => {
    expect(matches('x', "'%admins%'", { x: '%admins%' }, { placeholders })).toBe(true)
    expect(matches('x|expand', "'\\%plain%hosts%'", { x: '%plainh1' }, { placeholders })).toBe(true)
  })

  const paths = { user: ['ann'] }
  it.each<[backslashes: number, means: string]>([
    [0, 'ann'],
    [1, '%user%'],
    [2, '\\ann'],
    [3, '\\%user%'],
    [4, '\\\\ann'],
    [5, '\\\\%user%'],
  ])('is a name behind an even run of backslashes, itself behind an odd one: %d', (backslashes, means) => {
    for (const [before, x] of Object.entries({ 'C:': 'C:', '\\*': '*' }))
      for (const key of ['x|expand', 'x|expand|endswith', 'x|endswith|expand', 'x|all|expand']) {
        const written = `'${before}${'\\'.repeat(backslashes)}%user%'`
        const value = key.includes('all') ? `[${written}, '*']` : written
        const has = (end: string) => matches(key, value, { x: x + end }, { placeholders: paths })
        expect([key, written, has(means)]).toEqual([key, written, true])
        expect(has(`\\${means}`)).toBe(false)
        expect(has(means.replace('ann', 'bob'))).toBe(!means.includes('ann'))
      }
  })

  it('is behind any backslash that ends an escape of a pattern, and not behind one that begins it', () => {
    for (const re of ['x|expand|re', 'x|re|expand']) {
      expect(matches(re, "'^C:\\\\%user%$'", { x: 'C:\\ann' }, { placeholders: paths })).toBe(true)
      expect(matches(re, "'^C:\\\\\\%user%$'", { x: 'C:\\%user%' }, { placeholders: paths })).toBe(true)
      expect(matches(re, "'^\\d%user%$'", { x: '7ann' }, { placeholders: paths })).toBe(true)
    }
  })

  it('stands for numbers, networks, hours and other fields too, wherever it is written', () => {
    const placeholders = { nets: ['10.0.0.0/8', '2001:db8::/32'], most: ['50'], night: ['22', '23'], other: ['b'] }
    for (const cidr of ['ip|expand|cidr', 'ip|cidr|expand']) {
      expect(matches(cidr, "['%nets%', 192.168.0.0/16]", { ip: '10.1.2.3' }, { placeholders })).toBe(true)
      expect(matches(cidr, "['%nets%', 192.168.0.0/16]", { ip: '192.168.1.1' }, { placeholders })).toBe(true)
      expect(matches(cidr, "'%nets%'", { ip: '11.1.2.3' }, { placeholders })).toBe(false)
    }
    for (const gt of ['n|expand|gt', 'n|gt|expand']) {
      expect(matches(gt, "'%most%'", { n: 51 }, { placeholders })).toBe(true)
      expect(matches(gt, "'%most%'", { n: 50 }, { placeholders })).toBe(false)
    }
    expect(matches('t|hour|expand', "'%night%'", { t: '2026-01-01T22:00:00Z' }, { placeholders })).toBe(true)
    expect(matches('t|expand|hour|gte', "'%night%'", { t: '2026-01-01T21:00:00Z' }, { placeholders })).toBe(false)
    expect(matches('a|fieldref|expand', "'%other%'", { a: 1, b: 1 }, { placeholders })).toBe(true)
    expect(problemOf('ip|expand|cidr', "'%most%/99'", { placeholders })).toContain('`50/99` is not a network')
    expect(problemOf('n|expand|gt', "'%nets%'", { placeholders })).toContain('needs a number')
    expect(problemOf('ip|cidr|expand', "'%nobody%'")).toContain('%nobody%')
  })

  it('is a piece of a pattern, where its letters stand for themselves', () => {
    const placeholders = { who: ['a.b', 'adm-*'], odd: ['(x|'] }
    for (const re of ['x|expand|re', 'x|re|expand']) {
      expect(matches(re, "'^%who%$'", { x: 'a.b' }, { placeholders })).toBe(true)
      expect(matches(re, "'^%who%$'", { x: 'acb' }, { placeholders })).toBe(false)
      expect(matches(re, "'^%who%$'", { x: 'adm-7' }, { placeholders })).toBe(true)
      expect(matches(re, "'^%who%{2}$'", { x: 'a.ba.b' }, { placeholders })).toBe(true)
      expect(matches(re, "'^%odd%$'", { x: '(x|' }, { placeholders })).toBe(true)
      expect(matches(re, "'5\\%who%'", { x: '5%who%' }, { placeholders })).toBe(true)
    }
    expect(matches('x|re|expand|i', "'^%who%$'", { x: 'A.B' }, { placeholders })).toBe(true)
  })

  it('refuses what hides a name, and more than anybody means', () => {
    expect(problemOf('x|base64|expand', "'%admins%'", { placeholders })).toContain('expand|base64')
    const many = { n: Array.from({ length: 200 }, (_, i) => String(i)) }
    expect(problemOf('x|expand', "'%n%%n%%n%%n%%n%%n%'", { placeholders: many })).toContain('10,000')
  })

  it('refuses names without values', () => {
    expect(problemOf('x|expand', "'%nobody%'")).toContain('%nobody%')
    expect(problemOf('x|expand', "'%toString%'")).toContain('%toString% is not defined')
    expect(problemOf('x|expand', "'%none%'", { placeholders: { none: [] } })).toContain('%none% is empty')
  })
})
