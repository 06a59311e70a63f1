import { type AccessEvent, type FinalOutcome, keyOf } from '@custodia/contracts'
import { countsLateMs, routeKey, type RuleTree } from '../correlate/index.js'
import type { DetectionRule } from '../sigma/index.js'

/** Where an access was judged that came late to a key: behind the event `after`, at that one's time, in order of offsets. */
export interface LateMark {
  key: string
  /** milliseconds */
  judgedAt: number
  after: string
  offset: number
}

/** An access as the log and its verdict tell it, long after. */
export interface PastAccess {
  event: AccessEvent
  /** log-append time, milliseconds */
  appendedAt: number
  partition: number
  offset: number
  /** what became of a held access; the event's own outcome otherwise */
  outcome: FinalOutcome
  late?: readonly LateMark[]
}

/** Where and when an access is judged by a rule, as `sql/history.ts` and `sql/late.ts` say it in SQL. */
export interface Judged {
  access: PastAccess
  at: number
  /** of what is judged at the same time */
  order: string
  offset: number
  /** what it is to be judged by; absent: all that it matches */
  bases?: readonly DetectionRule[]
  /** so often its key had begun afresh, when it was received */
  life: number
}

/** Of a rule: since when it knew of what came under a key that it had forgotten, in milliseconds of receipt. */
export type Afresh = ReadonlyMap<string, readonly number[]>

/** A part of an export is judged with its header, and a held access that is not at its actor's place not at all. */
export const isJudged = ({ event }: PastAccess): boolean =>
  event.part_of === undefined && (event.outcome !== 'held' || isOwn(event))

export const isOwn = (event: AccessEvent): boolean =>
  event.source === 'custodia' && event.actor !== undefined && keyOf(event) === event.actor

/** What rules see of what became of it: without a verdict in time it counts as allowed, for the conservative side. */
export const finalOf = ({ outcome }: PastAccess): Exclude<FinalOutcome, 'expired'> =>
  outcome === 'expired' ? 'allowed' : outcome

const timeOf = ({ event, appendedAt }: PastAccess): number =>
  event.source === 'custodia' ? appendedAt : Date.parse(event.time)

/** At its actor's own place: in order of offsets. */
export const atItsActor = (access: PastAccess): Judged => ({
  access,
  at: timeOf(access),
  order: '',
  offset: access.offset,
  life: 0,
})

/** Where all else is judged: in order of time and id, and where it came late to a key of this rule, behind what was there. */
export const afterTheFact = (tree: RuleTree, access: PastAccess, afresh: Afresh): Judged[] => {
  const { event, appendedAt, late = [] } = access
  const own: Judged = { access, at: timeOf(access), order: event.id, offset: -1, life: 0 }
  if (!late.length && !afresh.size) return [own]
  const seen = { ...event, outcome: finalOf(access) }
  const byKey = Map.groupBy(
    tree.bases.filter((base) => base.matches(seen)),
    (base) => routeKey(tree, base, seen),
  )
  return [...byKey].flatMap(([key, bases]): Judged[] => {
    const life = afresh.get(key ?? '')?.filter((since) => since <= appendedAt).length ?? 0
    const mark = late.find((one) => one.key === key)
    if (!mark) return [{ ...own, bases, life }]
    const { judgedAt: at, after: order, offset } = mark
    return at - own.at <= countsLateMs(tree, event.source === 'custodia')
      ? [{ access, at, order, offset, bases, life }]
      : []
  })
}

export const inOrder = (a: Judged, b: Judged): number =>
  a.at - b.at || compared(a.order, b.order) || a.offset - b.offset || compared(a.access.event.id, b.access.event.id)

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
