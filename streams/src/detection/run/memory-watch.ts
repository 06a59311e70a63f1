import type { Logger } from './logger.js'
import type { Machine, RuleMemory } from './machine.js'

export interface DetectionMemory {
  bytes: number
  ceiling: number
  /** largest first */
  rules: RuleMemory[]
}

const TOLD = 5

/**
 * How much detection remembers, by rule, and what full windows forgot. Above the ceiling it is said aloud and is not well, but
 * nothing is forgotten: what is remembered follows from the log alone, or a restart would not give the same alerts.
 */
export class MemoryWatch {
  private readonly machines = new Set<Machine>()
  /** at the last look: what each rule had forgotten by then, and the rules that had done so since the look before */
  private forgotten = new Map<string, number>()
  private forgetting: string[] = []
  private timer?: NodeJS.Timeout

  constructor(
    private readonly ceiling: number,
    private readonly logger: Logger,
  ) {}

  start(everyMs: number): void {
    this.timer = setInterval(() => this.look(), everyMs).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  enter(machine: Machine): void {
    this.machines.add(machine)
  }

  leave(machine: Machine): void {
    this.machines.delete(machine)
  }

  report(): DetectionMemory {
    const byRule = new Map<string, RuleMemory>()
    for (const machine of this.machines)
      for (const { rule, groups, entries, bytes, forgotten } of machine.memory()) {
        const sum = byRule.get(rule) ?? { rule, groups: 0, entries: 0, bytes: 0, forgotten: 0 }
        byRule.set(rule, {
          rule,
          groups: sum.groups + groups,
          entries: sum.entries + entries,
          bytes: sum.bytes + bytes,
          forgotten: sum.forgotten + forgotten,
        })
      }
    const rules = [...byRule.values()].sort((a, b) => b.bytes - a.bytes)
    return { bytes: rules.reduce((sum, { bytes }) => sum + bytes, 0), ceiling: this.ceiling, rules }
  }

  /** rejects above the ceiling */
  check(): Promise<void> {
    const { bytes, ceiling, rules } = this.report()
    if (bytes <= ceiling) return Promise.resolve()
    const largest = rules.slice(0, TOLD).map(({ rule }) => rule)
    return Promise.reject(
      new Error(`detection remembers ${bytes} bytes, more than ${ceiling}; most of it for ${largest.join(', ')}`),
    )
  }

  /** rejects while windows forget, and until a look has found that they stopped */
  checkWindows(): Promise<void> {
    const rules = new Set([...this.forgetting, ...this.forgettingNow(this.report())])
    if (!rules.size) return Promise.resolve()
    return Promise.reject(new Error(`windows are fuller than they may be, of ${[...rules].join(', ')}`))
  }

  /** Says how much it is, and aloud when it is too much. */
  look(): void {
    const report = this.report()
    const { bytes, ceiling, rules } = report
    const facts = { bytes, ceiling, largest: rules.slice(0, TOLD) }
    if (bytes > ceiling) this.logger.error(facts, 'detection remembers more than its ceiling')
    else this.logger.info(facts, 'what detection remembers')
    this.forgetting = this.forgettingNow(report)
    this.forgotten = new Map(rules.map(({ rule, forgotten }) => [rule, forgotten]))
    if (this.forgetting.length)
      this.logger.error(
        { rules: rules.filter(({ rule }) => this.forgetting.includes(rule)) },
        'full windows forgot their oldest entries: their rules may miss what they are to find',
      )
  }

  private forgettingNow({ rules }: DetectionMemory): string[] {
    return rules.filter(({ rule, forgotten }) => forgotten > (this.forgotten.get(rule) ?? 0)).map(({ rule }) => rule)
  }
}
