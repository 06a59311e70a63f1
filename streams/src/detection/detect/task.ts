import type { OneValue, TreeState } from '../correlate/index.js'
import type { DetectionRule } from '../sigma/index.js'

/** What an event adds to one rule: where its cells say it, `cells`. */
export interface Step {
  state: TreeState
  bases: readonly DetectionRule[]
  cells?: Cells
}

/** A rule that counts one value for one group: the columns of both, or the text that each match adds. */
export interface Cells {
  kind: OneValue['kind']
  group: number
  value: number
  same: number
}

/** What is to be done about events that match the same rules. */
export interface Task {
  /** one event is enough, and each counts: nothing has to be remembered */
  plain: readonly DetectionRule[]
  steps: readonly Step[]
  /** what the counting looks at */
  columns: readonly { key: string; column: number }[]
}
