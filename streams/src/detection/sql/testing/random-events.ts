import { AccessEvent, heldActions } from '@custodia/contracts'
import type { TimedEvent } from '../../cases/in-memory-run.js'
import type { Random } from '../../testing/random.js'

/** Values at the edges of what tests tell apart: case in several alphabets, wildcards, blanks, quotes, empty texts. */
const texts = ['', 'a', 'A', 'ab', 'Ab\n', 'İx', 'kK\u212a', 'straße', 'ДОМ', 'ΟΔΟΣ', 'ὀδὸς', 'ſẞ', '张三', "o'b\\c", 'a*b?', '7', '7.0', ' 7 ', '-0', '1e3', '1E3', '007', '+7', '0x10', '0X10', '16', '1.0', '1', '1e+21', '.1', '0.1', '-3.5', '𝒳y', '/x', '2026-03-10', '2026-03-10T05:06:07Z'] // prettier-ignore
const addresses = ['10.0.0.1', '10.0.0.2', '10.1.2.3', '::ffff:10.0.0.1', '2001:db8::1', '2001:DB8:0:0::2', 'host-a', '010.0.0.1', '1:2:3:4:5:6:7::', '::1.2.3.4', '10.0.0.256', ''] // prettier-ignore
const actions = ['view', 'photo_view', 'photo_view', 'photo_download', 'reveal', 'export', 'sign_in', 'search', 'lift', 'freeze', 'view'] as const // prettier-ignore

const maybe = <T>(random: Random, value: T): T | undefined => (random.chance(0.6) ? value : undefined)

const anEvent = (random: Random, id: string, at: number): AccessEvent => {
  const action = random.pick(actions)
  const source = random.chance(0.8) ? 'custodia' : 'crm'
  const actor = random.chance(0.95) ? `clerk-${random.below(3)}` : undefined
  const held = source === 'custodia' && actor !== undefined && (heldActions as readonly string[]).includes(action)
  const aboutAnAccount = action === 'lift' || action === 'freeze'
  return AccessEvent.parse({
    id,
    v: 1,
    time: new Date(source === 'custodia' ? at - random.below(900) : at).toISOString(),
    source,
    actor,
    action,
    outcome: held && random.chance(0.8) ? 'held' : random.pick(['granted', 'granted', 'refused', 'failed']),
    subject: aboutAnAccount ? `clerk-${random.below(3)}` : undefined,
    customer_id: maybe(random, `customer-${random.below(5)}`),
    record_ids: random.chance(0.2) ? Array.from({ length: random.below(3) }, () => `r-${random.below(4)}`) : undefined,
    part_of: random.chance(0.03) ? 'event-part' : undefined,
    fields: random.chance(0.2) ? Array.from({ length: random.below(3) }, () => random.pick(texts)) : undefined,
    reason: maybe(random, random.pick(texts)),
    team: maybe(random, random.pick(['a', 'A', 'b', ''])),
    purpose: maybe(random, random.pick(texts)),
    ip: maybe(random, random.pick(addresses)),
    count: maybe(random, random.below(8)),
    bytes: maybe(random, random.pick([0, 7, 1000, 2 ** 40])),
    amount: maybe(random, random.pick([0, -0, 1, 7, 16, 0.1, 0.2, 1e21, 1e-7, -3.5, 1000])),
    off_hours: maybe(random, random.chance(0.5)),
    session: maybe(random, random.pick(texts)),
  })
}

/** A stream whose events come in bursts, some in the very same millisecond, in order of their log-append time. */
export const randomEvents = (random: Random, count: number, start: number, prefix: string): TimedEvent[] => {
  let at = start
  return Array.from({ length: count }, (_, i) => {
    at += random.pick([0, 0, 1, 1000, 1000, 5000, 60_000, 61_000])
    const id = `${prefix}-${String(random.below(1000)).padStart(3, '0')}-${String(i).padStart(5, '0')}`
    return { at, event: anEvent(random, id, at) }
  })
}
