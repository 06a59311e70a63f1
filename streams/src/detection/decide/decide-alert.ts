import type { AccessEvent, Alert, EventPlace, Risk, UsualFact } from '@custodia/contracts'
import type { Firing } from '../correlate/index.js'
import { withCalendar } from './calendar-note.js'
import { renderText } from './render-text.js'

/** sha-256 in hex, passed in so that deciding stays free of anything but its arguments */
export type Hash = (text: string) => string

export const MAX_EVIDENCE = 1_000

export interface AlertQuestion {
  firing: Firing
  event: AccessEvent
  /** ids of the events counted, oldest first; asked for only when the alert is raised */
  evidence: () => string[]
  late: boolean
  mayFreeze: boolean
  /** the event was held, and this firing refused it */
  held?: boolean
  place?: EventPlace
  seen?: { risk: Risk; facts: () => UsualFact[] }
}

export type AlertDecision = { raise: Alert } | { stay: 'suppressed'; until: number }

/** After an alert of a group, none until the suppression window has passed. Remembering that one was raised is the caller's. */
export const decideAlert = (question: AlertQuestion, hash: Hash): AlertDecision => {
  const { firing } = question
  const { lastAlertAt } = firing.state
  const until = (lastAlertAt ?? -Infinity) + firing.tree.root.custodia.suppressSeconds * 1000
  return firing.time >= until ? { raise: alertOf(question, hash) } : { stay: 'suppressed', until }
}

export const alertId = (
  rule: string,
  version: string,
  group: Record<string, string>,
  eventId: string,
  hash: Hash,
): string => hash(JSON.stringify([rule, version, Object.entries(group).sort(byName), eventId]))

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)

const alertOf = ({ firing, event, evidence, late, mayFreeze, held, place, seen }: AlertQuestion, hash: Hash): Alert => {
  const counted = evidence()
  const { root, limit } = firing.tree
  const group = firing.group.fields
  const windowSeconds = root.kind === 'correlation' ? root.timespanSeconds : undefined
  return {
    id: alertId(root.name, root.version, group, firing.eventId, hash),
    time: new Date(firing.time).toISOString(),
    rule: root.name,
    rule_version: root.version,
    title: root.title,
    text: withCalendar(
      renderText(root, { actor: group.actor, value: firing.value, limit, windowSeconds, group }),
      firing.tree,
      event,
    ),
    severity: root.level,
    mode: root.custodia.mode === 'shadow' ? 'shadow' : 'live',
    group,
    actor: group.actor,
    source: event.source,
    value: firing.value,
    limit,
    window_seconds: windowSeconds,
    counted: root.kind === 'correlation' ? { type: root.type, fields: root.field } : undefined,
    held: held || undefined,
    event_id: firing.eventId,
    event_at: place,
    action: event.action,
    evidence: counted.slice(-MAX_EVIDENCE),
    evidence_total: counted.length,
    respond: root.custodia.respond,
    may_freeze: mayFreeze,
    ...(seen && { usual: seen.facts(), risk: seen.risk }),
    late: late || undefined,
    cut: firing.full || firing.state.window.isCutAt(firing.time) || undefined,
    demo: event.demo,
    drill: event.drill,
  }
}
