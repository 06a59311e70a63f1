import { AccessEvent, Habit, Usual } from '@custodia/contracts'
import { z } from 'zod'
import { parseSection } from '../sigma/head.js'
import { parseTimespan } from '../sigma/index.js'
import { didYouMean } from '../sigma/known-events.js'
import { readDocument } from '../sigma/nodes.js'
import { reasonOf, schemaSays } from '../sigma/reason.js'
import { RuleError } from '../sigma/rule-error.js'
import type { Said } from '../sigma/said.js'
import { groupOf, type Baselines } from '../baselines/index.js'
import type { TimedEvent } from './in-memory-run.js'

/** `10s`, `9m50s`, `100ms` in milliseconds */
const Duration = z
  .string()
  .regex(/^(\d+(ms|[smhd]))+$/, schemaSays('is a duration like 10s, 9m50s or 100ms'))
  .transform((text) =>
    (text.match(/\d+(ms|[smhd])/g) ?? [])
      .map((part) => (part.endsWith('ms') ? Number.parseInt(part) : (parseTimespan(part) ?? NaN) * 1000))
      .reduce((sum, milliseconds) => sum + milliseconds, 0),
  )

const filled = (value: unknown, n: number): unknown =>
  value === null ? undefined : typeof value === 'string' ? value.replaceAll('{n}', String(n)) : value

const fields = AccessEvent.shape
const isField = (name: string): name is keyof typeof fields => Object.hasOwn(fields, name)

/** A case is run while somebody waits for it. */
const MOST_EVENTS = 50_000
const LONGEST_MS = 100 * 366 * 86_400_000

const Entry = z.strictObject({
  /** so many of them; `{n}` in a value counts from 1 */
  repeat: z.number().int().positive().default(1),
  /** between one and the next */
  every: Duration.default(1000),
  /** after the last one of the entry before */
  after: Duration.optional(),
  event: z.record(z.string(), z.unknown()),
})

/** Fields of an access event alone: one that is misspelled would leave the ordinary value in its place, and the case untrue. */
const Events = Entry.superRefine(({ event, repeat }, context) => {
  for (const [field, value] of Object.entries(event)) {
    const refuse = ({ en, zh }: Said, path: readonly PropertyKey[] = []) =>
      context.addIssue({ code: 'custom', path: ['event', field, ...path], message: en, params: { zh } })
    if (!isField(field)) {
      const meant = didYouMean(field, Object.keys(fields))
      refuse({ en: `is no field of an access event${meant.en}`, zh: `不是访问事件的字段${meant.zh}` })
    } else {
      const issues = [1, repeat].flatMap((n) => fields[field].safeParse(filled(value, n)).error?.issues ?? [])
      if (issues[0]) refuse(reasonOf(issues[0]), issues[0].path)
    }
  }
})

const isShort = (entries: readonly z.infer<typeof Entry>[]): boolean => {
  const count = entries.reduce((sum, { repeat }) => sum + repeat, 0)
  const ms = entries.reduce((sum, { repeat, every, after = 0 }) => sum + after + (repeat - 1) * every, 0)
  return count <= MOST_EVENTS && ms <= LONGEST_MS
}

const Case = z.strictObject({
  name: z.string(),
  /** what is usual a day, median and distance, known well enough; absent: nothing is known of anybody */
  usual: z.strictObject({ self: z.partialRecord(Habit, Usual), peers: z.partialRecord(Habit, Usual) }).optional(),
  events: z.array(Events).min(1).refine(isShort, schemaSays('has at most 50,000 events, of a hundred years')),
  /** alerts of the rule, in order: at which event (from 1), worth what, of which group */
  alerts: z
    .array(
      z.strictObject({
        at: z.number().int(),
        value: z.number(),
        group: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
  /** held events, from 1, that the rule refuses */
  refused: z.array(z.number().int()).default([]),
})
export type RuleCase = z.infer<typeof Case>

const RuleCases = z.strictObject({ fires: z.array(Case).min(1), silent: z.array(Case).min(1) })

/** What a file of cases says, and where each case begins; throws a `RuleError` with the line of the first thing wrong. */
export const readRuleCases = (yaml: string) => {
  const only = { en: 'a file of cases is one document', zh: '用例文件须恰为一个文档' }
  const document = readDocument('', yaml, only)
  if (!document) throw new RuleError(only)
  const lineOf = (list: 'fires' | 'silent', index: number) => document.line([list, index])
  return { ...parseSection(document, [], RuleCases), lineOf }
}

/** What a case does not say: a clerk looks at a customer during working hours. */
const ordinary: Omit<AccessEvent, 'id' | 'time'> = {
  v: 1,
  source: 'custodia',
  actor: 'clerk-1',
  actor_role: 'staff',
  team: 'service',
  branch: 'shanghai',
  action: 'view',
  outcome: 'granted',
  customer_id: 'customer-1',
  ip: '10.0.0.1',
  workday: true,
  off_hours: false,
}

const START = Date.parse('2026-03-10T02:00:00.000Z')

/** The events of a case in order, each valid, with ids that count from 1. `null` leaves a field out. */
export const eventsOf = ({ events }: RuleCase): TimedEvent[] => {
  let at = START
  let number = 0
  return events.flatMap(({ repeat, every, after, event }) => {
    at += number ? (after ?? 0) : 0
    return Array.from({ length: repeat }, (_, i) => {
      if (i) at += every
      const id = `event-${String(++number).padStart(6, '0')}`
      const over = Object.entries(event).map(([field, value]) => [field, filled(value, i + 1)])
      const made = { ...ordinary, id, time: new Date(at).toISOString(), ...Object.fromEntries(over) }
      return { at, event: AccessEvent.parse(made) }
    })
  })
}

/** Twenty days of four weeks, of everybody in a case and of the ten people of their work. */
export const baselinesOf = ({ usual }: RuleCase, events: readonly TimedEvent[]): Baselines | undefined => {
  if (!usual) return undefined
  const known = { weeks: 4, days: 20, hours: {} }
  const group = groupOf(ordinary)
  const days = 200
  const total = Object.fromEntries(Object.entries(usual.peers).map(([habit, [median]]) => [habit, median * days]))
  const people = events.flatMap(({ event: { actor } }) => (actor === undefined ? [] : [actor]))
  return {
    offsetMinutes: 480,
    people: new Map(people.map((actor) => [actor, { ...known, day: usual.self, group, countries: ['CN'] }])),
    groups: new Map([[group, { weeks: 40, days, hours: {}, day: usual.peers, people: 10, total }]]),
  }
}
