import { describe, expect, it } from '@jest/globals'
import { correlateAll } from '../../correlate/index.js'
import { seeded, type Random } from '../../testing/random.js'
import { fromStream } from '../chunks.js'
import { detect } from '../detect.js'
import type { Found } from '../judge.js'
import { loadEveryRule } from '../read-rules.js'

const detection = (name: string, selection: string): string =>
  `title: t\nname: ${name}\nlogsource: { product: test }\ndetection:\n  sel:\n    ${selection}\n  condition: sel`
const correlation = (name: string, text: string): string => `title: t\nname: ${name}\ncorrelation: { ${text} }`

/** Rules of every kind that the reader treats in its own way: one key, nested and dotted keys, other fields, times, keywords. */
const yaml = [
  detection('text', 'a: [x, "Y*", 5]'),
  detection('not-there', 'b: null'),
  detection('there', 'b|exists: true'),
  detection('nested', 'o.p: x'),
  detection('dotted', 'o.p.q|contains: y'),
  detection('other', 'a|fieldref: b'),
  detection('hour', 'time|hour|gte: 12'),
  detection('minute', 't2|minute: 30'),
  detection('large', 'n|gt: 3'),
  `title: t\nname: words\nlogsource: { product: test }\ndetection:\n  k: [zebra]\n  condition: k`,
  correlation('count', 'type: event_count, rules: [base], group-by: [a], timespan: 10m, condition: { gte: 3 }'),
  correlation(
    'values',
    'type: value_count, rules: [base], group-by: [o.p], timespan: 10m, condition: { field: b, gte: 2 }',
  ),
  correlation(
    'texts',
    'type: value_count, rules: [base], group-by: [a], timespan: 10m, condition: { field: z, gte: 2 }',
  ),
  correlation(
    'one-sum',
    'type: value_sum, rules: [base], group-by: [a], timespan: 10m, condition: { field: n, gt: 5 }',
  ),
  correlation('mean', 'type: value_avg, rules: [base], group-by: [z], timespan: 10m, condition: { field: n, lt: 5 }'),
  correlation('both', 'type: temporal, rules: [base, base2], group-by: [a], timespan: 10m'),
  correlation('in-turn', 'type: temporal_ordered, rules: [base, base2], group-by: [a], timespan: 10m'),
  correlation('sum', 'type: value_sum, rules: [base], group-by: [a, b], timespan: 10m, condition: { field: n, gt: 5 }'),
  detection('base', 'n|exists: true'),
  detection('base2', 't2|exists: true'),
].join('\n---\n')
const rules = { files: [{ file: 'rules.yml', yaml }] }

const values = [
  'x',
  'y',
  'Yes',
  '',
  5,
  '5',
  0.5,
  true,
  false,
  null,
  'zebra',
  'é',
  '\ud800',
  'a"b\\c',
  ['x', 'y'],
  [],
  { q: 'y' },
]
const keys = ['a', 'b', 'n', 'o', 'o.p', 'o.p.q', 't2', 'z']

const anEvent = (random: Random, n: number): string => {
  const time = new Date(Date.UTC(2026, 0, 1, 11) + n * 20_000).toISOString()
  const members: [string, unknown][] = [['id', random.chance(0.9) ? `e${n}` : random.pick([n, `é${n}`, `"${n}`])]]
  members.push([
    'time',
    random.chance(0.8) ? time : random.pick([time.replace('Z', '+00:00'), Date.parse(time) / 1000]),
  ])
  for (const key of keys) if (random.chance(0.7)) members.push([key, random.pick(values)])
  if (random.chance(0.2)) members.push(['n', random.below(6)])
  if (random.chance(0.2))
    members.push(['t2', random.pick(['2026-01-01T10:30:00Z', '2026-01-01T10:30:zz0Z', '2026-01-01 10:30:00'])])
  if (random.chance(0.2)) members.push(['o', { p: random.pick(values), 'p.q': random.pick(values) }])
  if (random.chance(0.05)) members.push(['a', random.pick(values)])
  if (random.chance(0.1)) members.reverse()
  const blank = random.chance(0.1) ? ' ' : ''
  const written = members.map(([key, value]) => {
    const name = random.chance(0.02) ? `"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}"` : JSON.stringify(key)
    const text = JSON.stringify(value)
    return `${name}${blank}:${blank}${random.chance(0.02) ? text.replace('y', '\\u0079') : text}`
  })
  return `{${written.join(`${blank},`)}}${blank}`
}

const run = async (text: string, readers: number): Promise<Found[]> => {
  async function* read() {
    yield Buffer.from(text)
  }
  const options = { firings: 'all', timeField: 'time', reorder: 0, readers } as const
  const found: Found[] = []
  for await (const batch of detect(rules, fromStream(read()), options)) found.push(...batch)
  return found
}

/** The same by `JSON.parse` and every rule in turn. */
const plainly = (text: string) => {
  const loaded = loadEveryRule(rules)
  const events = text.split('\n').map((line) => {
    const event = JSON.parse(line) as Record<string, unknown>
    const time = typeof event.time === 'number' ? new Date(event.time * 1000).toISOString() : (event.time as string)
    return { id: String(event.id), time, event }
  })
  const matched = events.flatMap(({ id, event }) =>
    loaded.flatMap((rule) =>
      rule.kind === 'detection' && rule.alerts && rule.matches(event) ? [`${rule.name} ${id}`] : [],
    ),
  )
  const fired = correlateAll(loaded, events).map(
    ({ rule, event_ids, group }) => `${rule} ${event_ids.join()} ${JSON.stringify(group)}`,
  )
  return [...matched, ...fired].sort()
}

describe('events read from their bytes', () => {
  it.each([1, 2, 3, 4])('fire the same rules as events parsed whole (seed %i)', async (seed) => {
    const random = seeded(seed)
    const text = Array.from({ length: 600 }, (_, n) => anEvent(random, n)).join('\n')
    const found = await run(text, 0)
    const shown = found.map(({ rule, kind, event_ids, group }) =>
      kind === 'match' ? `${rule} ${event_ids.join()}` : `${rule} ${event_ids.join()} ${JSON.stringify(group)}`,
    )
    expect(shown.sort()).toEqual(plainly(text))
  })
})
