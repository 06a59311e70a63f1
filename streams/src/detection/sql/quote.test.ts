import { describe, expect, it } from '@jest/globals'
import { loadRules } from '../sigma/index.js'
import { accessHistory, toSql } from './index.js'
import { and, literal, not, or } from './quote.js'

describe('literals', () => {
  it('cannot be ended by what is in them', () => {
    expect(literal(`it's`)).toBe(`'it\\'s'`)
    expect(literal(`\\`)).toBe(`'\\\\'`)
    expect(literal(`\\' OR 1 = 1 --`)).toBe(`'\\\\\\' OR 1 = 1 --'`)
    expect(literal('a\0\n\x1b')).toBe(`'a\\0\\n\\x1b'`)
  })

  it('keep a rule that attacks inside of them, names of fields and groups too', () => {
    const attack = `'); DROP TABLE access_events; --`
    const yaml = [
      `title: base\nname: base\nlogsource: { product: x }\ndetection: { s: { reason: ${JSON.stringify(attack)}, ${JSON.stringify(attack)}: a }, condition: s }`,
      `title: t\ncorrelation: { type: value_count, rules: [base], group-by: [${JSON.stringify(attack)}], timespan: 1m, condition: { field: ${JSON.stringify(attack)}, gt: 1 } }`,
    ].join('\n---\n')
    const { rules, problems } = loadRules([{ file: 'r.yml', yaml }])
    expect(problems).toEqual([])
    for (const rule of rules) {
      const statement = toSql(rule, rules, accessHistory)
      const outside = 'sql' in statement ? statement.sql.replace(/'(?:[^'\\]|\\.)*'/gs, '') : 'DROP'
      expect(outside).not.toMatch(/DROP|;/)
    }
  })
})

describe('conditions', () => {
  it('leave out what changes nothing, and stop at what decides', () => {
    expect(and(['true', 'a', 'a'])).toBe('a')
    expect(and(['a', 'false'])).toBe('false')
    expect(or(['a', 'b', 'false'])).toBe('(a OR b)')
    expect(or([])).toBe('false')
    expect(not('true')).toBe('false')
  })
})
