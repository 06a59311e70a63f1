import type { DetectionRule, Rule, RuleEvent } from '../sigma/rule.js'
import { countedIds, type Firing, type Occurrence } from './firing.js'
import { type Plan, planOf } from './plan.js'
import { plantTrees } from './tree.js'
import { TreeState } from './tree-state.js'
import { type Memory, textsAlone } from '../windows/index.js'

/** Groups that can no longer matter are dropped every so many events, or every so many for each group there is. */
const SWEEP_EVERY = 4096
const SWEEP_PER_GROUP = 4

/** Rules over events in order of time, whole windows however full they get: nothing is late, and nothing is forgotten. */
export class Replay {
  /** every rule that an event must be held against; `judge` can be told which of them it matches */
  readonly bases: readonly DetectionRule[]
  /** no window reaches back further than this */
  readonly longestMs: number
  private readonly states: TreeState[]
  private untilSweep = SWEEP_EVERY

  /** the rules that alert, or those `chosen` among them */
  constructor(
    rules: readonly Rule[],
    chosen: (root: Rule) => boolean = () => true,
    readonly memory: Memory = textsAlone(),
  ) {
    this.states = plantTrees(rules)
      .filter(({ root }) => chosen(root))
      .map((tree) => new TreeState(tree, memory, Infinity))
    this.longestMs = Math.max(0, ...this.states.map(({ tree }) => tree.longestSeconds * 1000))
    this.bases = [...new Set(this.states.flatMap(({ tree }) => tree.bases))]
  }

  judge(
    occurrence: Occurrence,
    plan = this.plan(this.bases.filter((base) => base.matches(occurrence.event))),
  ): Firing[] {
    this.passed(occurrence.time)
    let firings: Firing[] | undefined
    for (const { state, bases } of plan) {
      const fired = state.judge(occurrence, bases)
      if (fired.length) firings = firings ? [...firings, ...fired] : fired
    }
    return firings ?? []
  }

  /** Before each event: now and then drops what can no longer matter. */
  passed(now: number): void {
    if (--this.untilSweep >= 0) return
    let groups = 0
    for (const state of this.states) groups += state.sweep(now)
    this.untilSweep = Math.max(SWEEP_EVERY, groups * SWEEP_PER_GROUP)
    this.memory.texts.tidy()
  }

  /** what is to be done about an event that matches these, in the order of the rules */
  plan(found: readonly DetectionRule[]): Plan {
    return planOf(this.states, found)
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

/** Every firing of every alerting correlation over a list of events, judged in order of time (ISO 8601, or milliseconds), without suppression. */
export const correlateAll = (
  rules: readonly Rule[],
  events: readonly (Omit<ReplayEvent, 'time'> & { time: string | number })[],
): ReplayFiring[] => {
  const replay = new Replay(rules, ({ kind }) => kind === 'correlation')
  const found: ReplayFiring[] = []
  for (const occurrence of events
    .map(({ id, time, event }) => ({ id, time: typeof time === 'number' ? time : Date.parse(time), event }))
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
