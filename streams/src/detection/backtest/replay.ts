import { type AccessEvent, type FinalOutcome, keyOf } from '@custodia/contracts'
import { type Firing, isByActor, plantTree, TreeState } from '../correlate/index.js'
import { alertId, type Hash, resetAfterLift } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'

/** An access as the log and its verdict tell it, long after. */
export interface PastAccess {
  event: AccessEvent
  /** log-append time, milliseconds */
  appendedAt: number
  partition: number
  offset: number
  /** what became of a held access; the event's own outcome otherwise */
  outcome: FinalOutcome
}

/** An alert that a rule gives, or would have given. */
export interface PastAlert {
  id: string
  /** milliseconds */
  at: number
  group: Record<string, string>
  event_id: string
  value: number
}

export interface Period {
  from: number
  to: number
}

/** Where and when an access is judged, as `sql/history.ts` says it in SQL. */
interface Judged extends PastAccess {
  direct: boolean
  at: number
}

/**
 * A rule's alerts in a period, by the engine, over what really happened: verdicts stay as they were given. A rule that holds
 * counts what was served, and looks at each access that was refused, as it did then.
 */
export const replayRule = (
  root: Rule,
  rules: readonly Rule[],
  accesses: readonly PastAccess[],
  { from, to }: Period,
  hash: Hash,
): PastAlert[] => {
  const tree = plantTree(root, rules)
  const judged = accesses.filter(isJudged).map((access): Judged => {
    const direct = isByActor(tree) && isOwn(access.event)
    return { ...access, direct, at: timeOf(access) }
  })
  const lifts = (access: Judged): boolean => access.event.action === 'lift'
  const alerts: PastAlert[] = []
  for (const direct of [true, false]) {
    const state = new TreeState(tree, 0)
    for (const access of judged.filter((one) => one.direct === direct || (direct && lifts(one))).sort(order(direct))) {
      if (access.at >= to) continue
      if (direct) resetAfterLift([state], access.event)
      if (access.direct !== direct) continue
      for (const firing of firingsAt(state, access)) {
        const { group, value, eventId: event_id, time: at } = firing
        if (at < (firing.state.lastAlertAt ?? -Infinity) + root.custodia.suppressSeconds * 1000) continue
        firing.state.lastAlertAt = at
        const id = alertId(root.name, root.version, group.fields, event_id, hash)
        if (at >= from) alerts.push({ id, at, group: group.fields, event_id, value })
      }
    }
  }
  return alerts.sort((a, b) => a.at - b.at || (a.event_id < b.event_id ? -1 : 1))
}

/** A part of an export is judged with its header, and a held access that is not at its actor's place not at all. */
const isJudged = ({ event }: PastAccess): boolean =>
  event.part_of === undefined && (event.outcome !== 'held' || isOwn(event))

const isOwn = (event: AccessEvent): boolean =>
  event.source === 'custodia' && event.actor !== undefined && keyOf(event) === event.actor

const timeOf = ({ event, appendedAt }: PastAccess): number =>
  event.source === 'custodia' ? appendedAt : Date.parse(event.time)

const order =
  (direct: boolean) =>
  (a: Judged, b: Judged): number =>
    a.at - b.at || (direct ? a.offset - b.offset : 0) || (a.event.id < b.event.id ? -1 : 1)

const firingsAt = (state: TreeState, { event, outcome, at }: Judged): Firing[] => {
  const { hold, mode } = state.tree.root.custodia
  const seen = outcome === 'expired' ? 'allowed' : outcome
  const occurrence = (as: FinalOutcome) => ({ id: event.id, time: at, event: { ...event, outcome: as } })
  if (!hold || seen === 'granted' || seen === 'allowed') return state.judge(occurrence(seen), at)
  if (mode !== 'live' || event.outcome !== 'held') return []
  return state.peek(occurrence('allowed'), at).filter(({ value, full }) => full || value > (state.tree.limit ?? 0))
}
