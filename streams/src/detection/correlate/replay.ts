import type { Rule, RuleEvent } from '../sigma/rule.js'
import { plantTrees } from './tree.js'
import { TreeState } from './tree-state.js'

export interface ReplayEvent {
  id: string
  /** ISO 8601 */
  time: string
  event: RuleEvent
}

export interface ReplayFiring {
  rule: string
  event_id: string
  time: string
  group: Record<string, string>
  value: number
  event_ids: string[]
}

/** Every firing of every alerting correlation over a list of events, judged in order of time, without suppression. */
export const correlateAll = (rules: readonly Rule[], events: readonly ReplayEvent[]): ReplayFiring[] => {
  const states = plantTrees(rules)
    .filter(({ root }) => root.kind === 'correlation')
    .map((tree) => new TreeState(tree, 0))
  return events
    .map(({ id, time, event }) => ({ id, time: Date.parse(time), event }))
    .sort((a, b) => a.time - b.time)
    .flatMap((occurrence) => states.flatMap((state) => state.judge(occurrence, occurrence.time)))
    .map(({ tree, group, state, time, eventId, value }) => ({
      rule: tree.root.name,
      event_id: eventId,
      time: new Date(time).toISOString(),
      group: group.fields,
      value,
      event_ids: [
        ...new Set(
          state
            .windowAt(time)
            .between(time)
            .map(({ id }) => id),
        ),
      ],
    }))
}
