import { describe, expect, it } from '@jest/globals'
import { type DetectionRule, loadRules } from '../sigma/index.js'
import { randomEvents } from '../sql/testing/random-events.js'
import { randomRules } from '../sql/testing/random-rules.js'
import { seeded } from '../testing/random.js'
import { EventMatcher } from './event-matcher.js'

const rule = (name: string, selection: string): string =>
  `title: t\nname: ${name}\nlogsource: { product: custodia }\ndetection: { selection: ${selection}, condition: selection }`

const basesOf = (yamls: string[]): DetectionRule[] =>
  loadRules(yamls.map((yaml, i) => ({ file: `${i}.yml`, yaml }))).rules.filter(
    (one): one is DetectionRule => one.kind === 'detection',
  )

describe('rules looked up by what must hold', () => {
  it.each([1, 2, 3, 4, 5])('match as each rule by itself (seed %i)', (seed) => {
    const random = seeded(seed)
    const bases = basesOf(Array.from({ length: 30 }, (_, i) => randomRules(random, `r${i}`, Date.UTC(2026, 2, 10))))
    const matcher = new EventMatcher(bases)
    for (const { event } of randomEvents(random, 400, Date.UTC(2026, 2, 10), 'e'))
      expect(matcher.find(event)).toEqual(bases.filter((base) => base.matches(event)))
  })

  it('still do after more values than are remembered', () => {
    const bases = basesOf([rule('seven', '{ reason|endswith: "7" }'), rule('five', '{ reason: v5 }')])
    const matcher = new EventMatcher(bases)
    for (let i = 0; i < 40_000; i++) {
      const names = matcher.find({ reason: `v${i}` }).map(({ name }) => name)
      if (names.includes('seven') !== (i % 10 === 7) || names.includes('five') !== (i === 5)) throw new Error(`v${i}`)
    }
    expect(matcher.find({ reason: 'v5' }).map(({ name }) => name)).toEqual(['five'])
    expect(matcher.find({ reason: ['v5', 'v17'] })).toHaveLength(2)
  })
})
