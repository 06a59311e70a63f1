import { countedIds, fieldsCounted, type Firing, oneValueOf, Replay, type TreeState } from '../correlate/index.js'
import type { DetectionRule, Rule } from '../sigma/index.js'
import { keysOf } from '../matching/index.js'
import { asNumber } from '../sigma/value.js'
import { type Sighting, Sightings } from './sightings.js'
import type { Cells, Step, Task } from './task.js'

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

const suppressMsOf = ({ custodia }: Rule): number => custodia.suppressSeconds * 1000

const isPlain = (root: Rule): boolean => root.kind === 'detection' && suppressMsOf(root) === 0

/** Judges events that come in order of time. `alerts`: after the first firing of a group none until its suppression has passed. */
export class Judge {
  /** every rule that an event must be held against */
  readonly bases: readonly DetectionRule[]
  /** the keys whose values are counted: a column each */
  readonly keys: readonly string[]
  /** whether the events need a time, and an order by it */
  readonly needsTime: boolean
  private readonly plain: ReadonlySet<DetectionRule>
  private readonly replay: Replay
  private now = NaN

  constructor(
    rules: readonly Rule[],
    private readonly firings: 'all' | 'alerts',
    private readonly sightings = new Sightings(),
  ) {
    const alone = (rule: Rule): rule is DetectionRule =>
      rule.kind === 'detection' && rule.alerts && rule.custodia.mode !== 'off' && isPlain(rule)
    const plain = rules.filter(alone)
    this.plain = new Set(plain)
    this.replay = new Replay(rules, (root) => !isPlain(root), { texts: sightings.texts, ids: sightings })
    this.bases = [...new Set([...plain, ...this.replay.bases])]
    this.needsTime = this.replay.bases.length > 0
    this.keys = [...new Set(fieldsOf(this.replay.plan(this.bases)).flatMap(keysOf))]
  }

  task(found: readonly DetectionRule[]): Task {
    const plan = this.replay.plan(found)
    const fields = fieldsOf(plan)
    return {
      plain: found.filter((rule) => this.plain.has(rule)),
      steps: plan.map(({ state, bases }) => ({ state, bases, cells: this.cellsOf(state, bases) })),
      columns: this.keys
        .map((key, column) => ({ key, column }))
        .filter(({ key }) => fields.some((field) => field === key || field.startsWith(`${key}.`))),
    }
  }

  judge(sighting: Sighting, into: Found[]): void {
    const { task, time } = sighting
    for (const rule of task.plain) into.push(foundOf(rule, time, {}, [sighting.id]))
    if (task.steps.length === 0) return
    this.now = time
    this.replay.passed(time)
    for (const step of task.steps) {
      const firings = this.count(step, sighting)
      if (firings === undefined) continue
      for (const firing of firings)
        if (this.isNew(firing)) into.push(foundOf(firing.tree.root, time, firing.group.fields, countedIds(firing)))
    }
  }

  /** Between events: lets go of those that no window can hold any more. */
  forget(): void {
    this.sightings.forget(this.now - this.replay.longestMs)
  }

  private count({ state, bases, cells }: Step, sighting: Sighting): readonly Firing[] | undefined {
    if (cells === undefined || sighting.isOdd) return state.judge(sighting, bases)
    const group = sighting.cell(cells.group)
    if (group === 0) return undefined
    if (cells.kind === 'nothing') return state.countOne(sighting, group, 0)
    const value = cells.value < 0 ? cells.same : sighting.cell(cells.value)
    if (value === 0) return undefined
    if (cells.kind === 'text') return state.countOne(sighting, group, value)
    const number = asNumber(this.sightings.texts.textOf(value))
    return number === undefined || !Number.isFinite(number) ? undefined : state.countOne(sighting, group, number)
  }

  private cellsOf({ tree }: TreeState, bases: readonly DetectionRule[]): Cells | undefined {
    const [base] = bases
    const one = base && bases.length === 1 ? oneValueOf(tree, base) : undefined
    if (!one || one.group.includes('.') || one.field?.includes('.')) return undefined
    const { kind, group, field, same } = one
    const { texts } = this.sightings
    const number = same === undefined ? 0 : texts.numberOf(same)
    if (number > 0) texts.keep(number)
    return {
      kind,
      group: this.keys.indexOf(group),
      value: field === undefined ? -1 : this.keys.indexOf(field),
      same: number,
    }
  }

  private isNew({ tree, state, time }: Firing): boolean {
    if (this.firings === 'all') return true
    if (time - (state.lastAlertAt ?? -Infinity) < suppressMsOf(tree.root)) return false
    state.lastAlertAt = time
    return true
  }
}

const fieldsOf = (plan: ReturnType<Replay['plan']>): string[] => plan.flatMap(({ state }) => fieldsCounted(state.tree))

const foundOf = (root: Rule, time: number, group: Record<string, string>, ids: string[]): Found => ({
  rule: root.name,
  title: root.title,
  kind: root.kind === 'correlation' ? 'correlation' : 'match',
  time: Number.isNaN(time) ? null : new Date(time).toISOString(),
  group,
  event_ids: ids,
})
