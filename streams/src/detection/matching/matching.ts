import type { DetectionRule } from '../sigma/index.js'
import type { Column } from './column.js'
import type { SharedTests } from './shared-tests.js'

interface Candidate {
  index: number
  test: () => boolean
}

/** Rules that can match only if one column's value passes: for each value those that it lets through, worked out once. */
class GuardedRules {
  private readonly passing: (readonly Candidate[] | undefined)[] = []
  /** equal lists are one: there may be very many values, of which each lets the same rules through */
  private readonly lists = new Map<string, readonly Candidate[]>()
  private readonly rules: { candidate: Candidate; holds: (number: number) => boolean }[] = []

  constructor(private readonly column: Column) {}

  add(candidate: Candidate, holds: (number: number) => boolean): void {
    this.rules.push({ candidate, holds })
  }

  forget(): void {
    this.passing.length = 0
  }

  candidates(): readonly Candidate[] {
    const number = this.column.valueNumber()
    return (this.passing[number] ??= this.passingFor(number))
  }

  private passingFor(number: number): readonly Candidate[] {
    const passing = this.rules.filter(({ holds }) => holds(number)).map(({ candidate }) => candidate)
    const name = passing.map(({ index }) => index).join()
    const list = this.lists.get(name) ?? passing
    this.lists.set(name, list)
    return list
  }
}

/** Which rules match the event at hand. Costs what the rules cost that could match, not how many rules there are. */
export class Matching {
  private readonly guarded = new Map<Column, GuardedRules>()
  private readonly groups: readonly GuardedRules[]
  private readonly others: Candidate[] = []

  constructor(bases: readonly DetectionRule[], tests: SharedTests) {
    bases.forEach(({ expression }, index) => {
      const candidate = { index, test: tests.compile(expression) }
      const guard = tests.guardOf(expression)
      if (!guard) return void this.others.push(candidate)
      const group = this.guarded.get(guard.column) ?? new GuardedRules(guard.column)
      group.add(candidate, guard.holds)
      this.guarded.set(guard.column, group)
    })
    this.groups = [...this.guarded.values()]
  }

  /** the places of the rules that match, in an order that depends on the set alone */
  find(into: number[]): void {
    for (const group of this.groups) for (const { index, test } of group.candidates()) if (test()) into.push(index)
    for (const { index, test } of this.others) if (test()) into.push(index)
  }

  /** The column's numbers mean something else from now on. */
  forget(column: Column): void {
    this.guarded.get(column)?.forget()
  }
}
