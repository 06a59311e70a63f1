import { AccessEvent, type Alert, type LateEvent, type Verdict } from '@custodia/contracts'
import { startAuditStore, type TestAuditStore } from '../../../audit-store/testing/index.js'
import { accessEventRow, lateEventRow, verdictRow } from '../../../landing/rows.js'
import type { Afresh, PastAccess } from '../../backtest/past-access.js'
import { recordOf, type TimedEvent } from '../../cases/in-memory-run.js'
import { routeKeyOf } from '../../correlate/route.js'
import { plantTree } from '../../correlate/index.js'
import type { Rule } from '../../sigma/index.js'

/** The audit store with its schema, and what happened landed in it. */
export interface PastStore extends TestAuditStore {
  land(events: readonly TimedEvent[], verdicts: readonly Verdict[], late?: readonly LateEvent[]): Promise<void>
}

export const startPastStore = async (): Promise<PastStore> => {
  const audit = await startAuditStore()
  let batch = 0
  const land: PastStore['land'] = async (events, verdicts, late = []) => {
    batch++
    const rows = events.map(({ at, event }, i) => {
      const record = recordOf('access-events', i, at, event.actor ?? '', event)
      return accessEventRow({ record, value: event, raw: JSON.stringify(event) }).line
    })
    const at = events.at(-1)?.at ?? 0
    const decided = verdicts.map((verdict, i) => {
      const record = recordOf('verdicts', i, at, verdict.event_id, verdict)
      return verdictRow({ record, value: verdict, raw: JSON.stringify(verdict) }).line
    })
    const marks = late.map((mark, i) => {
      const record = recordOf('late-events', i, at, mark.event_id, mark)
      return lateEventRow({ record, value: mark, raw: JSON.stringify(mark) }).line
    })
    await audit.store.insert('access_events', rows, { token: `events-${batch}` })
    await audit.store.insert('verdicts', decided, { token: `verdicts-${batch}` })
    if (marks.length) await audit.store.insert('late_events', marks, { token: `late-${batch}` })
  }
  return { ...audit, land }
}

/** Of these marks, those of rules that began afresh. */
export const afreshOf = (rule: string, late: readonly LateEvent[]): Afresh => {
  const begun = late.filter(({ afresh }) => afresh?.includes(rule))
  const sinces = (marks: LateEvent[]) => [...new Set(marks.map(({ since }) => Date.parse(since as string)))]
  return new Map([...Map.groupBy(begun, ({ key }) => key)].map(([key, marks]) => [key, sinces(marks)]))
}

/** How many of these alerts of the rule are of keys that had begun afresh. */
export const alertsAfresh = (
  rule: Rule,
  rules: readonly Rule[],
  alerts: readonly Alert[],
  afresh: Afresh,
  events: readonly TimedEvent[],
): number => {
  const tree = plantTree(rule, rules)
  const received = new Map(events.map(({ at, event }) => [event.id, at]))
  return alerts.filter(({ group, event_id }) =>
    afresh.get(routeKeyOf(tree, group))?.some((since) => since <= (received.get(event_id) as number)),
  ).length
}

/** The same as the engine replays it. */
export const pastOf = (
  events: readonly TimedEvent[],
  verdicts: readonly Verdict[],
  late: readonly LateEvent[] = [],
): PastAccess[] => {
  const verdictOf = new Map(verdicts.map(({ event_id, verdict }) => [event_id, verdict]))
  const marksOf = Map.groupBy(late, ({ event_id, received_at }) => `${event_id} ${Date.parse(received_at)}`)
  return events.map(({ at, event }, offset) => {
    const parsed = AccessEvent.parse(event)
    const outcome = parsed.outcome === 'held' ? (verdictOf.get(parsed.id) ?? 'expired') : parsed.outcome
    const marks = marksOf.get(`${parsed.id} ${at}`)?.map(({ key, judged_at, after, offset }) => ({ key, judgedAt: Date.parse(judged_at), after, offset })) // prettier-ignore
    return { event: parsed, appendedAt: at, partition: 0, offset, outcome, ...(marks && { late: marks }) }
  })
}
