import { countedIds, type Firing, type Occurrence, Replay } from '../correlate/index.js'
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

/** An event that some rule matches. `time` is NaN when it says none. */
export interface Sighting extends Occurrence {
  line: number
  found: readonly DetectionRule[]
}

const suppressMsOf = ({ custodia }: Rule): number => custodia.suppressSeconds * 1000

/** One event is enough, and each counts: nothing has to be remembered, not even when it was. */
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

  judge(sighting: Sighting): Found[] {
    const { found, id, time } = sighting
    const matches = found.filter((rule) => this.plain.has(rule)).map((rule) => foundOf(rule, time, {}, [id]))
    if (!this.needsTime) return matches
    const fired = this.replay.judge(sighting, found).filter((firing) => this.isNew(firing))
    return [
      ...matches,
      ...fired.map((firing) => foundOf(firing.tree.root, time, firing.group.fields, countedIds(firing))),
    ]
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
