import type { AccessEvent } from '@custodia/contracts'
import type { TimedEvent } from '@custodia/streams/detection/cases'
import type { Random } from '../demo/random.js'
import { teams, type Person } from './company.js'
import type { Gateway } from './hand.js'
import { customerOf, customersOfABranch } from './customers.js'
import { hourMs, type Day } from './month.js'
import { colleaguesOf, householdOf } from './relatives.js'

export interface Insider {
  kind: Kind
  person: Person
  /** what was done beside an honest day, in order of time; `takes` records left where it was served */
  acts: (TimedEvent & { takes: number })[]
}

interface Scene {
  person: Person
  day: Day
  random: Random
  /** a moment within working hours, with some hours left */
  begins: number
  did: (at: number, over: Partial<AccessEvent> & Pick<AccessEvent, 'action'>, takes?: number) => void
  anyCustomer: () => string
}

const minute = 60_000
const purpose = 'identity_check'

/** How each kind goes about it; how fast and how much is up to chance. */
const ways = {
  /** photos one after the other, as fast as the page allows */
  'bulk minute': ({ begins, random, did, anyCustomer }: Scene) => {
    for (let n = 0, at = begins; n < 80; n++, at += random.between(1_500, 4_000))
      did(at, { action: 'photo_view', customer_id: anyCustomer(), purpose }, 1)
  },
  /** a few photos more than the work needs, hour after hour, for five days */
  'low and slow': ({ begins, random, did, anyCustomer }: Scene) => {
    const anHour = random.between(10, 20)
    for (let day = 0; day < 5; day++)
      for (let n = 0; n < anHour * 6; n++)
        did(begins + day * 24 * hourMs + n * (hourMs / anHour) + random.between(0, minute), {
          action: 'photo_view', customer_id: anyCustomer(), purpose,
        }, 1) // prettier-ignore
  },
  /** late in the evening, when nobody looks over the shoulder */
  'off hours': ({ day, random, did, anyCustomer }: Scene) => {
    const pace = random.between(40_000, 120_000)
    for (let n = 0, at = day.starts + 23.2 * hourMs; n < random.between(12, 30); n++, at += pace)
      did(at, { action: n % 2 ? 'photo_view' : 'reveal', fields: ['phone'], customer_id: anyCustomer(), purpose }, 1)
  },
  /** the customer file from top to bottom, at the pace of a clerk */
  crawl: ({ person, begins, random, did }: Scene) => {
    const first = random.between(1, customersOfABranch - 200)
    for (let n = 0; n < 120; n++)
      did(begins + n * 50_000, { action: 'view', customer_id: customerOf(person.branch, first + n) }, 1)
  },
  /** a list collected by searching, then taken out */
  'search, then export': ({ begins, random, did }: Scene) => {
    const searches = random.between(22, 40)
    for (let n = 0; n < searches; n++) did(begins + n * 14_000, { action: 'search', count: 20 })
    const count = random.between(200, 900)
    did(begins + searches * 14_000 + 3 * minute, { action: 'export', count, purpose }, count)
  },
  /** a cookie taken from the machine, used from a machine elsewhere */
  'stolen session': ({ begins, did, anyCustomer }: Scene) => {
    for (let n = 0; n < 12; n++)
      did(begins + n * 5_000, {
        action: 'view', customer_id: anyCustomer(), outcome: 'refused', reason: 'step_up_required',
        ip: '91.12.4.9', country: 'DE', device: 'elsewhere', moved: ['network', 'device'],
      }, 1) // prettier-ignore
  },
  /** last days at work: files, a few at a time, and a last list; then the account is closed, and tried */
  leaver: ({ begins, random, did, anyCustomer, person }: Scene) => {
    for (let n = 0; n < 75; n++)
      did(begins + n * 4.2 * minute, { action: 'photo_download', customer_id: anyCustomer(), purpose }, 1)
    const count = random.between(300, 900)
    did(begins + 5.5 * hourMs, { action: 'export', count, purpose }, count)
    did(begins + 72 * hourMs, {
      action: 'sign_in', outcome: 'refused', reason: 'account_disabled', factor: 'password', session: `gone-${person.id}`,
    }) // prettier-ignore
  },
  /** a decoy, found by looking for somebody well known */
  canary: ({ begins, random, did, anyCustomer }: Scene) => {
    for (let n = 0; n < random.between(1, 8); n++)
      did(begins + n * minute, { action: 'view', customer_id: anyCustomer() }, 1)
    did(begins + 9 * minute, { action: 'view', customer_id: anyCustomer(), canary: true }, 1)
  },
  /** trying what one may not do */
  probing: ({ begins, random, did, anyCustomer }: Scene) => {
    for (let n = 0; n < random.between(14, 30); n++)
      did(begins + n * 8_000, {
        action: random.pick(['view', 'export', 'reveal']), outcome: 'refused', reason: 'not_allowed', customer_id: anyCustomer(),
      }) // prettier-ignore
  },
  /** one account, two people: the second comes from a browser of their own while the first one works */
  'shared account': ({ begins, random, did, anyCustomer, person }: Scene) => {
    const over = { device: 'colleagues', session: `second-${person.id}`, ip: person.ip }
    did(begins, { action: 'sign_in', factor: 'totp', idle_days: 0, new_device: true, ...over })
    for (let n = 0; n < 40; n++) {
      const at = begins + n * random.between(3, 5) * minute
      did(at, { action: 'view', customer_id: anyCustomer(), ...over }, 1)
    }
  },
  /** password and code known to a stranger: a new browser, and then everything */
  takeover: ({ begins, random, did, anyCustomer, person }: Scene) => {
    const over = { device: 'strangers', session: `taken-${person.id}`, ip: '221.9.44.3' }
    did(begins, { action: 'sign_in', factor: 'totp', idle_days: 0, new_device: true, ...over })
    const pace = random.between(25_000, 45_000)
    for (let n = 0; n < 45; n++)
      did(begins + minute + n * pace, { action: 'photo_view', customer_id: anyCustomer(), purpose, ...over }, 1)
  },
  /** whoever lives with them, looked up by a third; or colleagues, one after the other in a quiet hour */
  snooping: ({ person, begins, random, did }: Scene) => {
    const family = random.next() < 0.6 ? householdOf(person) : []
    const atHome = family.length > 0
    const whom = atHome ? family : colleaguesOf(person).slice(0, random.between(7, 12))
    for (const [n, customer_id] of whom.entries()) {
      const at = begins + n * random.between(3, 9) * minute
      did(at, { action: 'search', count: 1 })
      did(at + 9_000, { action: 'view', customer_id }, 1)
      if (atHome) did(at + 30_000, { action: 'reveal', customer_id, fields: ['phone'], purpose }, 1)
    }
  },
  /** rows out of the system in files that are each small enough */
  'many exports': ({ begins, random, did }: Scene) => {
    for (let n = 0; n < 14; n++) {
      const count = random.between(100, 400)
      did(begins + n * 6 * minute, { action: 'export', count, purpose }, count)
    }
  },
} satisfies Record<string, (scene: Scene) => void>
export type Kind = keyof typeof ways
export const kinds = Object.keys(ways) as Kind[]

/** Done over days, or by other hands: the person goes on working meanwhile. */
const besideWork = new Set<Kind>(['low and slow', 'stolen session', 'leaver', 'shared account', 'takeover'])

/** Nobody serves customers and helps himself in the same minute. */
export const isBusy = ({ kind, acts }: Insider, at: number): boolean =>
  !besideWork.has(kind) && at >= (acts[0]?.at ?? 0) && at <= (acts.at(-1)?.at ?? 0)

/** What one insider of this kind does on this day. */
export function insiderOf(kind: Kind, person: Person, day: Day, random: Random, gateway: Gateway): Insider {
  const acts: Insider['acts'] = []
  const anyCustomer = (): string => customerOf(person.branch, random.between(1, customersOfABranch))
  const begins = day.starts + (teams[person.team]!.from + 0.5 + random.next()) * hourMs
  ways[kind]({
    person, day, random, begins, anyCustomer,
    did: (at, over, takes = 0) => acts.push({ ...gateway.event(person, at, over), takes }),
  }) // prettier-ignore
  return { kind, person, acts: acts.sort((a, b) => a.at - b.at) }
}
