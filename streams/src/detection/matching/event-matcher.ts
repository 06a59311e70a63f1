import type { DetectionRule, RuleEvent } from '../sigma/index.js'
import { Matching } from './matching.js'
import { SetNumbers } from './set-numbers.js'
import { SharedTests } from './shared-tests.js'
import type { Subject } from './subject.js'
import type { ValueNumbers } from './value-numbers.js'

/** Values of one key that are remembered at most, with what is known of them. */
const MAX_VALUES = 1 << 14
const plainTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** Which of some rules an event matches: each test is asked once, and only rules that could match are looked at. */
export class EventMatcher implements Subject {
  private event: RuleEvent = {}
  private readonly tests: SharedTests
  private readonly matching: Matching
  private readonly sets = new SetNumbers()
  /** sets of rules by their numbers */
  private readonly rules: (readonly DetectionRule[])[] = []
  private readonly found: number[] = []

  constructor(private readonly bases: readonly DetectionRule[]) {
    this.tests = new SharedTests(this)
    this.matching = new Matching(bases, this.tests)
  }

  /** the rules that match, in their order; the same list for the same rules */
  find(event: RuleEvent): readonly DetectionRule[] {
    const { bases, found, matching, rules, sets } = this
    this.event = event
    for (const column of this.tests.all()) {
      if (column.startAfreshIfFull()) matching.forget(column)
      column.forget()
    }
    found.length = 0
    matching.find(found)
    const set = sets.numberOf(found)
    return (rules[set] ??= (sets.all[set] as number[]).map((index) => bases[index] as DetectionRule))
  }

  numbersOf(key: string, minutes: boolean): ValueNumbers {
    return new EventValues(() => (Object.hasOwn(this.event, key) ? this.event[key] : undefined), minutes)
  }

  narrow(): RuleEvent {
    return this.event
  }

  whole(): RuleEvent {
    return this.event
  }
}

/** Numbers for the values of one key of events. What is no text, number or truth has a new one each time. */
class EventValues implements ValueNumbers {
  readonly values: unknown[] = [undefined]
  private readonly numbers = new Map<unknown, number>()

  constructor(
    private readonly read: () => unknown,
    private readonly minutes: boolean,
  ) {}

  numberNow(): number {
    const value = this.read()
    if (value === undefined) return 0
    if (typeof value === 'object' && value !== null) return this.values.push(value) - 1
    const same =
      this.minutes && typeof value === 'string' && plainTime.test(value) ? `minute ${value.slice(0, 16)}` : value
    const known = this.numbers.get(same)
    if (known !== undefined) return known
    const number = this.values.push(value) - 1
    this.numbers.set(same, number)
    return number
  }

  startAfreshIfFull(): boolean {
    if (this.values.length <= MAX_VALUES) return false
    this.values.length = 1
    this.numbers.clear()
    return true
  }
}
