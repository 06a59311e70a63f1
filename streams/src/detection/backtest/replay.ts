import { type AccessEvent, type FinalOutcome, keyOf } from '@custodia/contracts'
import { type Firing, isByActor, plantTree, TreeState } from '../correlate/index.js'
import { alertId, type Hash, resetAfterLift } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'
import type { Answer, PastAlert, Reading } from './reading.js'

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
  { start, from, to, whole }: Reading,
  hash: Hash,
): Answer => {
  const tree = plantTree(root, rules)
  const suppressMs = root.custodia.suppressSeconds * 1000
  const known = whole ? -Infinity : start + tree.lookbackMs
  const judged = accesses
    .filter(isJudged)
    .map((access): Judged => ({ ...access, direct: isByActor(tree) && isOwn(access.event), at: timeOf(access) }))
    .filter(({ at }) => at >= start && at < to)
  const alerts: PastAlert[] = []
  const unsure = new Set<string>()
  for (const direct of [true, false]) {
    const state = new TreeState(tree, 0)
    const certain = new CertainFirings(known, suppressMs)
    const isHere = (one: Judged): boolean => one.direct === direct || (direct && one.event.action === 'lift')
    for (const access of judged.filter(isHere).sort(order(direct))) {
      if (direct) resetAfterLift([state], access.event)
      if (access.direct !== direct) continue
      for (const firing of firingsAt(state, access)) {
        const { group, value, eventId: event_id, time: at } = firing
        if (at < known) continue
        if (!certain.add(group.key, at) && at >= from) unsure.add(group.key)
        if (at < (firing.state.lastAlertAt ?? -Infinity) + suppressMs) continue
        firing.state.lastAlertAt = at
        const id = alertId(root.name, root.version, group.fields, event_id, hash)
        if (at >= from) alerts.push({ id, at, group: group.fields, event_id, value })
      }
    }
  }
  alerts.sort((a, b) => a.at - b.at || (a.event_id < b.event_id ? -1 : 1))
  return { alerts, unsure: unsure.size }
}

/** From a firing on that none came before for as long as the suppression, it is known which of a group's firings alert. */
class CertainFirings {
  private readonly groups = new Map<string, { last: number; certain: boolean }>()

  constructor(
    private readonly known: number,
    private readonly suppressMs: number,
  ) {}

  add(key: string, at: number): boolean {
    const before = this.groups.get(key) ?? { last: this.known, certain: false }
    const certain = before.certain || at - before.last >= this.suppressMs
    this.groups.set(key, { last: at, certain })
    return certain
  }
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
