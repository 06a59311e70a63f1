import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { AccessEvent } from './access-event.js'
import { parserOf } from './parser.js'
import { anAccessEvent } from './testing.js'
import { topics } from './topics.js'
import { Rekeyed } from './streams.js'
import { Verdict } from './verdict.js'

/** What stands at the edge of every check that a contract uses, and what JSON alone can bring. */
const oddities: unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    '',
    'x',
    {},
    [],
    [1],
    ['x'],
    [''],
    [undefined],
    ['x'.repeat(65)],
    ['x'.repeat(201)],
  ],
  ...[-1, -0, 0, 1, 1.5, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), JSON.parse('1e400'), NaN, '1', 'view', 'held', 'toString'],
  ...[2, 3, 32, 33, 64, 65, 100, 101, 200, 201, 255, 256, 300, 301, 500, 501].map((length) => 'ü'.repeat(length)),
  ...[64, 65, 1000, 1001].map((length) => Array<string>(length).fill('x')),
  ...['2026-02-28T23:59:59Z', '2026-02-29T00:00:00Z', '2024-02-29T00:00:00.123456Z', '2026-11-22T03:30:38.123+08:00'],
  ...['2026-11-22', ' 2026-11-22T03:30:38Z', '2026-11-22T03:30:38Z\n', '2026-11-22T24:00:00Z', '0001-01-01T00:00:00Z'],
]
const full = anAccessEvent({
  record_ids: ['r1', 'r2'],
  fields: ['name'],
  amount: 1.5,
  factor: 'totp',
  asn: -1,
  demo: true,
})

const says = (result: z.ZodSafeParseResult<unknown>) =>
  result.success ? { value: result.data } : { issues: result.error.issues }

describe('the short way through a contract', () => {
  it.each(Object.keys(AccessEvent.shape))('gives what zod gives, whatever stands in %s', (field) => {
    const parse = parserOf(AccessEvent)
    for (const odd of oddities) {
      const value = { ...full, [field]: odd }
      expect(says(parse(value))).toEqual(says(AccessEvent.safeParse(value)))
    }
    const without = Object.fromEntries(Object.entries(full).filter(([name]) => name !== field))
    expect(says(parse(without))).toEqual(says(AccessEvent.safeParse(without)))
  })

  it('gives what zod gives for what is no event at all, has more than one, or comes from Object itself', () => {
    const parse = parserOf(AccessEvent)
    const tricks = ['__proto__', 'constructor', 'toString', 'of_a_later_version']
    const more = tricks.map((name) => JSON.parse(`${JSON.stringify(full).slice(0, -1)},"${name}":{"a":1}}`) as unknown)
    for (const value of [...oddities, ...more, full, [full], { ...full }])
      expect(says(parse(value))).toEqual(says(AccessEvent.safeParse(value)))
    expect(says(parse(more[3]))).toEqual({ value: full })
  })

  it('is taken for what comes by the thousand', () => {
    const time = '2026-03-10T02:00:00Z'
    const verdict: Verdict = { event_id: 'e1', verdict: 'refused', limit: 20, time }
    const place = { judged_at: time, received_at: time, partition: 0, offset: 7 }
    const rekeyed: Rekeyed = { kind: 'event', rules: ['bulk'], event: full, outcome: 'granted', ...place }
    for (const [schema, value] of [
      [AccessEvent, full],
      [Verdict, verdict],
      [Rekeyed, rekeyed],
      [Rekeyed, { kind: 'tick', until: time }],
    ] as const) {
      const result = parserOf<unknown>(schema)(value)
      expect(result.success && result.data).toBe(value) // zod makes a new one
    }
  })

  it.each([
    ['a refinement', z.object({ a: z.string().refine((text) => text === 'b') })],
    ['a transformation', z.object({ a: z.string().transform((text) => text.length) })],
    ['a default', z.object({ a: z.string().default('b') })],
    ['a coercion', z.object({ a: z.coerce.string() })],
    ['an overwritten text', z.object({ a: z.string().trim() })],
    ['a pattern', z.object({ a: z.string().regex(/^b$/) })],
    ['a format', z.object({ a: z.email() })],
    ['a multiple', z.object({ a: z.number().multipleOf(7) })],
    ['a refined object', z.object({ a: z.string() }).refine(() => false)],
    ['a loose object', z.looseObject({ b: z.string().optional() })],
    ['a strict object', z.strictObject({ b: z.string().optional() })],
    [
      'a field that tells apart',
      z.discriminatedUnion('a', [z.strictObject({ a: z.literal('b') }), z.object({ a: z.literal(3) })]),
    ],
    ['a union', z.object({ a: z.union([z.string().max(1), z.number()]) })],
  ])('leaves %s to zod', (_, schema) => {
    const parse = parserOf<unknown>(schema)
    for (const a of ['aa', 'b', ' b ', 3, 14, true, undefined])
      expect(says(parse({ a }))).toEqual(says(schema.safeParse({ a })))
  })

  it('knows every topic', () => {
    for (const { value } of Object.values(topics)) expect(parserOf<unknown>(value)({}).success).toBe(false)
  })
})
