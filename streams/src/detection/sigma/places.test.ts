import { describe, expect, it } from '@jest/globals'
import { loadRules } from './load-rules.js'

const problemOf = (detection: string) =>
  loadRules([{ file: 'a.yml', yaml: `title: t\nlogsource: { product: test }\ndetection:\n${detection}` }]).problems[0]

describe('what is wrong with one value of a list', () => {
  it.each([
    ['a value that is none', `    a:\n      - x\n      - { y: z }\n`, 7, /a value is a text/],
    ['too many digits', `    a:\n      - 1\n      - 12345678901234567890\n`, 7, /more digits/],
    ['a network', `    a|cidr:\n      - 10.0.0.0/8\n      - 10.0.0.0/8\n      - 10.0.0.1/99\n`, 8, /10\.0\.0\.1\/99/],
    ['a pattern', `    a|re:\n      - x\n      - '(y'\n      - z\n`, 7, /./],
    ['a number', `    a|gt:\n      - 1\n      - x\n`, 7, /needs a number/],
    ['a keyword', `    - ok\n    - { a|cidr: nowhere }\n`, 6, /not a network/],
  ])('is told where it stands: %s', (_, selection, line, reason) => {
    expect(problemOf(`  s:\n${selection}  condition: s\n`)).toMatchObject({
      file: 'a.yml',
      line,
      reason: expect.stringMatching(reason),
    })
  })

  it('is told at the key where it is about the key, or every value has it', () => {
    expect(problemOf('  s:\n    a|near:\n      - x\n      - y\n  condition: s\n')?.line).toBe(5)
    expect(problemOf('  s:\n    a|gt:\n      - x\n      - y\n  condition: s\n')?.line).toBe(5)
  })
})
