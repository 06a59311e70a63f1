import { plantTrees } from './tree.js'
import type { LifeRecord } from './lives.js'
import type { RuleTree } from './tree.js'
import { TreeState } from './tree-state.js'
import type { TreeRecord } from './tree-state.js'
import type { Rule } from '../sigma/rule.js'
import { textsAlone } from '../windows/index.js'

/** What a partition remembers, as it is written into a snapshot: rule name and version → its windows. */
export type CorrelatorRecord = Record<string, TreeRecord>

/** Where events tell their own times: rule name and version → what it remembers under which keys. */
export type LivesRecord = Record<string, LifeRecord[]>

/** The state of all rules of one partition. */
export class Correlator {
  private states = new Map<string, TreeState>()
  private trees: RuleTree[] = []
  private readonly memory = textsAlone()

  /** Switches to another rule set; rules whose version is unchanged keep their windows. */
  adopt(rules: readonly Rule[]): void {
    this.trees = plantTrees(rules)
    const before = this.states
    this.states = new Map()
    for (const tree of this.trees) {
      const kept = before.get(keyOf(tree))
      // a rule of the same version may have come through another parse of the same file: keep the state, it is the same rule
      this.states.set(keyOf(tree), kept ?? new TreeState(tree, this.memory))
      before.delete(keyOf(tree))
    }
    for (const gone of before.values()) gone.clear()
  }

  all(): Iterable<TreeState> {
    return this.states.values()
  }

  named(name: string): TreeState | undefined {
    for (const state of this.states.values()) if (state.tree.root.name === name) return state
    return undefined
  }

  sweep(now: number): void {
    for (const state of this.states.values()) state.sweep(now)
    this.memory.texts.tidy()
  }

  snapshot(): CorrelatorRecord {
    return Object.fromEntries([...this.states].map(([key, state]) => [key, state.snapshot()]))
  }

  restore(record: CorrelatorRecord): void {
    for (const [key, state] of this.states) if (record[key]) state.restore(record[key])
  }

  lives(): LivesRecord {
    return Object.fromEntries([...this.states].map(([key, state]) => [key, state.lives.snapshot()]))
  }

  /** after `restore`; without a record groups tell which lives there are */
  restoreLives(record?: LivesRecord): void {
    for (const [key, state] of this.states) state.restoreLives(record && (record[key] ?? []))
  }
}

const keyOf = ({ root }: RuleTree): string => `${root.name}@${root.version}`
