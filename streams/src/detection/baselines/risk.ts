import type { AccessEvent, Risk } from '@custodia/contracts'
import type { Compared } from './compare.js'
import { dayMs } from './habits.js'

const HALF_LIFE_MS = dayMs
/** below this many spreads above the usual nothing is odd: the end of a quarter is ten for who closes it; more than the last count no more */
const ODD = { from: 8, to: 17, unit: 3 }

/** Of one's household, or oneself. Serving a colleague is work. */
const isClose = (relation = ''): boolean => /same_address|same_phone|self/.test(relation)

/** What a record's leaving would cost, beside its being looked at masked. */
const criticalityOf = ({ action, fields, count, canary, relation }: AccessEvent): number => {
  const shown =
    action === 'photo_download' ? 3
    : action === 'photo_view' ? 2
    : action === 'reveal' ? (fields?.includes('id_number') ? 3 : 2)
    : action === 'export' ? 1 + (count ?? 0) / 50
    : action === 'search' ? 0.2
    : 1 // prettier-ignore
  return shown * (canary ? 50 : isClose(relation) ? 5 : 1)
}

/** Why an access is odd, and how many points each reason is worth: criticality times oddness. Ordinary work is worth nothing. */
export const pointsOf = (event: AccessEvent, { habit, baseline }: Compared): [reason: string, points: number][] => {
  const { self, peers, first } = baseline
  const own = self.day?.z ?? peers.day?.z ?? 0
  const theirs = peers.day?.z ?? self.day?.z ?? 0
  const odd = Math.min(own, theirs, ODD.to) - ODD.from // odd for the person and for the work alike
  const reasons: [string, number][] = [
    [habit, Math.max(0, odd) / ODD.unit],
    ['off_hours', event.off_hours ? 0.5 : 0],
    ['first_country', first.includes('country') ? 1 : 0],
    ['first_device', first.includes('device') ? 0.5 : 0],
    ['first_segment', first.includes('segment') ? 0.5 : 0],
    ['moved', event.moved?.length ? 1 : 0],
    ['canary', event.canary ? 1 : 0],
    ['relation', isClose(event.relation) ? 1 : 0],
  ]
  const criticality = criticalityOf(event)
  return reasons.flatMap(([reason, oddness]) => (oddness > 0 ? [[reason, criticality * oddness]] : []))
}

/** Half of it is gone after a day; what has become too little is dropped. */
export const decayed = ({ score, parts }: Risk, ms: number): Risk => {
  if (score === 0) return { score, parts }
  const left = 0.5 ** (ms / HALF_LIFE_MS)
  const kept = Object.entries(parts).map(([reason, points]): [string, number] => [reason, points * left])
  const worth = kept.filter(([, points]) => points >= 0.01)
  return { score: worth.reduce((sum, [, points]) => sum + points, 0), parts: Object.fromEntries(worth) }
}
