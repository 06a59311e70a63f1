import { MeasureKind, type AccessAction, type EventPlace, type Measure } from '@custodia/contracts'

/**
 * What is in force on an account is a function of the set of what was asked for: neither the order in which alerts arrive
 * nor how often each is delivered changes it. Nothing here looks at a clock or a database.
 */

/** Asked for by an alert: so long from when its rule fired, longer when the same rule fired before. */
export interface Ask {
  /** the alert's */
  id: string
  rule: string
  firedAt: Date
  seconds: number
  /** a person ended it: it was wrong, or has done its work, and does not make the next one longer */
  undone: boolean
}

/** How long a rule's earlier firing is remembered. */
export const rememberedMs = 7 * 24 * 3600 * 1000
/** Repetition makes nothing longer than this; what a rule asks for at once may be longer. */
const longestSeconds = 24 * 3600

/** When each ends: twice as long with each time that the same rule asked for the same before, within a week. */
export function endsOf(asks: readonly Ask[]): Map<string, Date> {
  const inOrder = asks.filter(({ undone }) => !undone).sort((a, b) => +a.firedAt - +b.firedAt || compare(a.id, b.id))
  return new Map(
    inOrder.map((ask, n) => {
      const repeats = inOrder
        .slice(0, n)
        .filter(({ rule, firedAt }) => rule === ask.rule && +ask.firedAt - +firedAt <= rememberedMs).length
      const seconds = Math.max(ask.seconds, Math.min(ask.seconds * 2 ** repeats, longestSeconds))
      return [ask.id, new Date(+ask.firedAt + seconds * 1000)]
    }),
  )
}

interface Lasting {
  /** tells apart two that end at the same moment; the same whoever writes it down */
  key: string
  until: Date
}

/** The one that lasts longest. */
const longestOf = <T extends Lasting>(items: readonly T[]): T | undefined =>
  items.reduce<T | undefined>(
    (best, item) =>
      !best || item.until > best.until || (+item.until === +best.until && item.key < best.key) ? item : best,
    undefined,
  )

export interface OpenFreeze extends Lasting {
  id: string
  cause: EventPlace | null
}

/** The freeze in force: the longest one's, from the earliest cause of all. A person's has no cause and wins at once. */
export function freezeInForce(open: readonly OpenFreeze[], now: Date): Omit<OpenFreeze, 'key'> | undefined {
  const inForce = open.filter(({ until }) => until > now)
  const longest = longestOf(inForce)
  return longest && { id: longest.id, until: longest.until, cause: earliestOf(inForce.map(({ cause }) => cause)) }
}

const earliestOf = (causes: readonly (EventPlace | null)[]): EventPlace | null =>
  causes.reduce((first, cause) =>
    first && cause && first.partition === cause.partition ? (cause.offset < first.offset ? cause : first) : null,
  )

export interface OpenMeasure extends Lasting {
  measure: Omit<Measure, 'until'>
}

/** Of several of one kind the one that lasts longest; blocks of different kinds of access stand side by side. */
export function measuresInForce(open: readonly OpenMeasure[], now: Date): Measure[] {
  const inForce = open.filter(({ until }) => until > now)
  const kinds = Map.groupBy(inForce, ({ measure }) => kindOf(measure))
  return [...kinds]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, same]) => longestOf(same) ?? [])
    .map(({ measure, until }) => ({ ...measure, until: until.toISOString() }))
}

const kindOf = ({ kind, action }: { kind: MeasureKind; action?: AccessAction }): string =>
  `${MeasureKind.options.indexOf(kind)} ${action ?? ''}`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
