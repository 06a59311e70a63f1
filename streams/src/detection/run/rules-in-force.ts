import { Correlator } from '../correlate/index.js'
import type { CorrelatorRecord, TreeState } from '../correlate/index.js'
import type { SetInForce } from './rule-book.js'

/** Idle groups are dropped at every so many offsets: at places of the log, so that every run drops the same. */
const SWEEP_EVERY = 512

export interface RulesRecord {
  version?: string
  windows: CorrelatorRecord
}

/** A partition's rules with their windows, switching sets at the records that they are told. */
export class RulesInForce {
  states: readonly TreeState[] = []
  private version?: string
  private readonly correlator: Correlator

  constructor(graceFactor: number) {
    this.correlator = new Correlator(graceFactor)
  }

  /** Before each record; false while no rule set has ever been in force. */
  at(offset: number, appendedAt: number, set: SetInForce | undefined): boolean {
    if (set && set.version !== this.version) this.adopt(set)
    if (offset % SWEEP_EVERY === 0) this.correlator.sweep(appendedAt)
    return this.version !== undefined
  }

  /** the rules of these names that are still in force */
  named(names: readonly string[]): TreeState[] {
    return this.states.filter(({ tree }) => names.includes(tree.root.name))
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

  private adopt(set: SetInForce): void {
    this.correlator.adopt(set.rules)
    this.states = [...this.correlator.all()]
    this.version = set.version
  }
}
