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

  it('refuses names without values', () => {
    expect(problemOf('x|expand', "'%nobody%'")).toContain('%nobody%')
    expect(problemOf('x|expand', "'%toString%'")).toContain('%toString%')
  })
})
