import type { DetectionRule, Rule, RuleEvent } from '../sigma/rule.js'
import { plantTrees } from './tree.js'
import { countedIds, TreeState } from './tree-state.js'
import type { Firing, Occurrence } from './tree-state.js'

/** Groups that can no longer matter are dropped every so many events. */
const SWEEP_EVERY = 4096

/** Rules over events in order of time, whole windows however full they get: nothing is late, and nothing is forgotten. */
export class Replay {
  /** every rule that an event must be held against; `judge` can be told which of them it matches */
  readonly bases: readonly DetectionRule[]
  private readonly states: TreeState[]
  private judged = 0

  /** the rules that alert, or those `chosen` among them */
  constructor(rules: readonly Rule[], chosen: (root: Rule) => boolean = () => true) {
    this.states = plantTrees(rules)
      .filter(({ root }) => chosen(root))
      .map((tree) => new TreeState(tree, 0, Infinity))
    this.bases = [...new Set(this.states.flatMap(({ tree }) => tree.bases))]
  }

  judge(
    occurrence: Occurrence,
    found: readonly DetectionRule[] = this.bases.filter((base) => base.matches(occurrence.event)),
  ): Firing[] {
    if (++this.judged % SWEEP_EVERY === 0) for (const state of this.states) state.sweep(occurrence.time)
    return this.concerned(found).flatMap(({ state, bases }) => state.judge(occurrence, occurrence.time, bases))
  }

  private readonly byBases = new Map<string, { state: TreeState; bases: DetectionRule[] }[]>()

  /** the rules that count any of these, in their order: kept, because the same few sets come again and again */
  private concerned(found: readonly DetectionRule[]): { state: TreeState; bases: DetectionRule[] }[] {
    const key = found.map(({ name }) => name).join('\n')
    const known = this.byBases.get(key)
    if (known) return known
    const concerned = this.states
      .map((state) => ({ state, bases: state.tree.bases.filter((base) => found.includes(base)) }))
      .filter(({ bases }) => bases.length)
    if (this.byBases.size > 10_000) this.byBases.clear()
    this.byBases.set(key, concerned)
    return concerned
  }
}

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
  const replay = new Replay(rules, ({ kind }) => kind === 'correlation')
  const found: ReplayFiring[] = []
  for (const occurrence of events
    .map(({ id, time, event }) => ({ id, time: Date.parse(time), event }))
    .sort((a, b) => a.time - b.time))
    for (const firing of replay.judge(occurrence)) {
      const { tree, group, time, eventId, value } = firing
      found.push({
        rule: tree.root.name,
        event_id: eventId,
        time: new Date(time).toISOString(),
        group: group.fields,
        value,
        event_ids: countedIds(firing),
      })
    }
  return found
}
