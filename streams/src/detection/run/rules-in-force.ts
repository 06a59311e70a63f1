import { Correlator, planOf, reachMs } from '../correlate/index.js'
import type { CorrelatorRecord, LivesRecord, Plan, TreeState } from '../correlate/index.js'
import { EventMatcher } from '../matching/index.js'
import type { DetectionRule, RuleEvent } from '../sigma/index.js'
import type { RuleMemory } from './machine.js'
import type { SetInForce } from './rule-book.js'

/** Idle groups are dropped at every so many offsets: at places of the log, so that every run drops the same. */
export const SWEEP_EVERY = 512

export interface RulesRecord {
  version?: string
  windows: CorrelatorRecord
}

/** A partition's rules with their windows, switching sets at the records that they are told. */
export class RulesInForce {
  states: readonly TreeState[] = []
  private version?: string
  private readonly correlator = new Correlator()
  private readonly reach = new Map<string, number>()
  private matcher = new EventMatcher([])
  private readonly plans = new Map<readonly DetectionRule[], Plan>()
  private lastEvent?: RuleEvent
  private lastPlan: Plan = []

  /** Before each record, `now` being the log's time, or what all before was received by; false while no rule set has ever been in force. */
  at(offset: number, now: number, set: SetInForce | undefined): boolean {
    if (set && set.version !== this.version) this.adopt(set)
    if (offset % SWEEP_EVERY === 0) this.correlator.sweep(now)
    return this.version !== undefined
  }

  /** so long an event matters to the rules of these names, or to any: as far as their windows and suppressions reach */
  reachMs(names: Iterable<string> = this.reach.keys()): number {
    return Math.max(0, ...Array.from(names, (name) => this.reach.get(name) ?? 0))
  }

  /** which rules an event matches, and with what; asked about one event several times in a row it looks once */
  planOf(event: RuleEvent): Plan {
    if (event === this.lastEvent) return this.lastPlan
    const found = this.matcher.find(event)
    let plan = this.plans.get(found)
    if (!plan) this.plans.set(found, (plan = planOf(this.states, found)))
    this.lastEvent = event
    this.lastPlan = plan
    return plan
  }

  memory(): RuleMemory[] {
    return this.states.map((state) => ({ rule: state.tree.root.name, ...state.size() }))
  }

  snapshot(): RulesRecord {
    return { version: this.version, windows: this.correlator.snapshot() }
  }

  restore({ version, windows }: RulesRecord, setOf: (version: string) => SetInForce | undefined): void {
    if (version === undefined) return
    const set = setOf(version)
    if (!set) throw new Error(`rule set ${version} of the snapshot is not in the log`)
    this.adopt(set)
    this.correlator.restore(windows)
  }

  lives(): LivesRecord {
    return this.correlator.lives()
  }

  /** after `restore` */
  restoreLives(record?: LivesRecord): void {
    this.correlator.restoreLives(record)
  }

  private adopt(set: SetInForce): void {
    this.correlator.adopt(set.rules)
    this.states = [...this.correlator.all()]
    this.matcher = new EventMatcher([...new Set(this.states.flatMap(({ tree }) => tree.bases))])
    this.plans.clear()
    this.reach.clear()
    for (const { tree } of this.states) this.reach.set(tree.root.name, reachMs(tree))
    this.lastEvent = undefined
    this.version = set.version
  }
}
