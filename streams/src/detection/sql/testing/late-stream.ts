import { anAccessEvent } from '@custodia/contracts/testing'
import type { TimedEvent } from '../../cases/in-memory-run.js'
import type { Rule } from '../../sigma/index.js'
import type { Random } from '../../testing/random.js'
import { rulesOf } from '../../testing/rules.js'

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000]
const DAY = 24 * HOUR

const base = (name: string, action: string): string =>
  `title: ${name}\nname: ${name}\nlogsource: { product: custodia }\ndetection: { s: { action: ${action} }, condition: s }`

/** Over keys that they share in part; with other timespans they are other versions of the same rules. */
export const rulesByKey = (spans: readonly string[]): Rule[] =>
  rulesOf(
    [
      base('tried', 'sign_in'),
      base('seen', 'view'),
      ...[
        'type: event_count, rules: [tried], group-by: [ip], condition: { gte: 3 }',
        'type: value_count, rules: [tried, seen], group-by: [ip, device], condition: { field: actor, gte: 2 }',
        'type: temporal_ordered, rules: [tried, seen], group-by: [device]',
        'type: event_count, rules: [rule-0], group-by: [ip], condition: { gte: 2 }',
        'type: event_count, rules: [rule-1], group-by: [ip], condition: { gte: 3 }',
      ].map(
        (what, n) =>
          `title: rule-${n}\nname: rule-${n}\ncorrelation: { ${what}, timespan: ${spans[n % spans.length]} }\ngenerate: true\ncustodia: { suppress: ${n % 2 ? '0s' : spans[n % spans.length]} }`,
      ),
    ].join('\n---\n'),
  )

export interface Kind {
  count: number
  start: number
  pauses: readonly number[]
  /** what happened outside is told so much later, or ahead */
  delays: readonly number[]
}

export const stream = (random: Random, { count, start, pauses, delays }: Kind): TimedEvent[] => {
  let at = start
  return Array.from({ length: count }, (_, n) => {
    at += random.pick(pauses)
    const outside = random.chance(0.5)
    const event = anAccessEvent({
      id: `${random.below(1000)}-${start}-${n}`,
      time: new Date(at - (outside ? random.pick(delays) : 0)).toISOString(),
      source: outside ? 'crm' : 'custodia',
      actor: `${outside ? 'crm:' : ''}clerk-${random.below(4)}`,
      action: random.chance(0.6) ? 'sign_in' : 'view',
      outcome: 'granted',
      ip: `10.0.0.${random.below(random.pick([2, 9]))}`,
      device: `d-${random.below(3)}`,
    })
    return { at, event }
  })
}

/** Keys fall silent for hours, and then something of long ago is told of them: of before or after what was known of them. */
export const forgotten = (random: Random, count: number, start: number): TimedEvent[] =>
  stream(random, {
    count,
    start,
    pauses: [0, 0, SECOND, SECOND, MINUTE, MINUTE, 20 * MINUTE, 2 * HOUR, 5 * HOUR],
    delays: [0, 0, MINUTE, 2 * HOUR, 4 * HOUR, 5 * HOUR, 7 * HOUR, DAY, 3 * DAY, -5 * MINUTE],
  })

/** Of what was told in some hours a part is told once more, with the same ids, when these are not known any more. */
export const sentAgain = (random: Random, count: number, start: number): TimedEvent[] => {
  const delays = [0, 0, SECOND, 2 * MINUTE, 59 * MINUTE, -5 * MINUTE]
  const events = stream(random, { count, start, pauses: [0, SECOND, MINUTE, HOUR], delays })
  const later = (events.at(-1)?.at ?? start) + 7 * DAY
  const again = stream(random, { count, start: later, pauses: [0, SECOND, MINUTE], delays })
  return events.concat(
    again.map(({ at, event }, n) => {
      const before = (events[n] as TimedEvent).event
      return { at, event: before.source === 'crm' && random.chance(0.5) ? before : event }
    }),
  )
}
