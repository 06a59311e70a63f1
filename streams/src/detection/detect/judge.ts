import { countedIds, fieldsCounted, type Firing, type Occurrence, type Plan, Replay } from '../correlate/index.js'
import type { DetectionRule, Rule } from '../sigma/index.js'

/** One firing, as it is printed. */
export interface Found {
  rule: string
  title: string
  kind: 'match' | 'correlation'
  /** of the event that fired; null when it says none and no rule needs one */
  time: string | null
  group: Record<string, string>
  /** what was counted, oldest first; the last one fired it */
  event_ids: string[]
}

/** What is to be done about events that match the same rules. */
export interface Task {
  /** one event is enough, and each counts: nothing has to be remembered */
  plain: readonly DetectionRule[]
  counting: Plan
  /** fields of the event that the counting looks at */
  fields: readonly string[]
}

/** An event that some rule matches. `time` is NaN when it says none. */
export interface Sighting extends Occurrence {
  line: number
  task: Task
}

const suppressMsOf = ({ custodia }: Rule): number => custodia.suppressSeconds * 1000

const isPlain = (root: Rule): boolean => root.kind === 'detection' && suppressMsOf(root) === 0

/** Judges events that come in order of time. `alerts`: after the first firing of a group none until its suppression has passed. */
export class Judge {
  /** every rule that an event must be held against */
  readonly bases: readonly DetectionRule[]
  /** whether the events need a time, and an order by it */
  readonly needsTime: boolean
  private readonly plain: ReadonlySet<DetectionRule>
  private readonly replay: Replay

  constructor(
    rules: readonly Rule[],
    private readonly firings: 'all' | 'alerts',
  ) {
    const alone = (rule: Rule): rule is DetectionRule =>
      rule.kind === 'detection' && rule.alerts && rule.custodia.mode !== 'off' && isPlain(rule)
    const plain = rules.filter(alone)
    this.plain = new Set(plain)
    this.replay = new Replay(rules, (root) => !isPlain(root))
    this.bases = [...new Set([...plain, ...this.replay.bases])]
    this.needsTime = this.replay.bases.length > 0
  }

  task(found: readonly DetectionRule[]): Task {
    const counting = this.replay.plan(found)
    const fields = new Set(counting.flatMap(({ state }) => fieldsCounted(state.tree)))
    return { plain: found.filter((rule) => this.plain.has(rule)), counting, fields: [...fields] }
  }

  judge(sighting: Sighting, into: Found[]): void {
    const { task, id, time } = sighting
    for (const rule of task.plain) into.push(foundOf(rule, time, {}, [id]))
    if (task.counting.length === 0) return
    for (const firing of this.replay.judge(sighting, task.counting))
      if (this.isNew(firing)) into.push(foundOf(firing.tree.root, time, firing.group.fields, countedIds(firing)))
  }

  private isNew({ tree, state, time }: Firing): boolean {
    if (this.firings === 'all') return true
    if (time - (state.lastAlertAt ?? -Infinity) < suppressMsOf(tree.root)) return false
    state.lastAlertAt = time
    return true
  }
}

const foundOf = (root: Rule, time: number, group: Record<string, string>, ids: string[]): Found => ({
  rule: root.name,
  title: root.title,
  kind: root.kind === 'correlation' ? 'correlation' : 'match',
  time: Number.isNaN(time) ? null : new Date(time).toISOString(),
  group,
  event_ids: ids,
})
