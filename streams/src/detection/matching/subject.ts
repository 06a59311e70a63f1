import type { RuleEvent } from '../sigma/index.js'
import type { ValueNumbers } from './value-numbers.js'

/** What rules are asked about: one event after another, in whatever shape it comes. */
export interface Subject {
  /** `minutes`: times that share their minute count as one value, for tests that ask for a part of the time */
  numbersOf(key: string, minutes: boolean): ValueNumbers
  /** the event at hand, with the keys at least that rules look at */
  narrow(): RuleEvent
  whole(): RuleEvent
}
