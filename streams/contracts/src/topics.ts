import type { z } from 'zod'
import { AccessEvent } from './access-event.js'
import { AccountRecord } from './account.js'
import { AlertRecord } from './triage.js'
import { BaselinePiece } from './baseline.js'
import { DeadLetter, DetectionSnapshot, LateEvent, Rekeyed } from './streams.js'
import { RuleSet } from './rule.js'
import { Verdict } from './verdict.js'

interface TopicDeclaration {
  value: z.ZodType
  /** of the schema; every record bears it in its header `schema-version` */
  version: number
  partitions: number
  /** whether only the newest record of a key is kept */
  compacted: boolean
  /** leaves the log after the configured time, where one is configured: it has been landed with its exact bytes by then */
  ages: boolean
}

/** Every topic: what is in it, how many partitions, and for how long a record stays. */
export const topics = {
  /** Every access, keyed by keyOf(event). */
  'access-events': { value: AccessEvent, version: 1, partitions: 6, compacted: false, ages: true },
  /** One answer per held access, keyed by actor (same partition number as the access). */
  verdicts: { value: Verdict, version: 1, partitions: 6, compacted: false, ages: true },
  /** Events for rules that are grouped by something else than the actor, and outside events; keyed by rule and group. */
  rekeyed: { value: Rekeyed, version: 1, partitions: 6, compacted: false, ages: true },
  /** What came late to its key, and where it was judged instead; keyed by event. */
  'late-events': { value: LateEvent, version: 1, partitions: 1, compacted: false, ages: true },
  /** Raised alerts and triage. One partition: its offset is half of a live client's cursor. */
  alerts: { value: AlertRecord, version: 1, partitions: 1, compacted: false, ages: false },
  /** Freezes, lifts, ended sessions. One partition: the other half of the cursor. */
  accounts: { value: AccountRecord, version: 1, partitions: 1, compacted: false, ages: false },
  /** Rule sets in the order they took effect. */
  'rule-sets': { value: RuleSet, version: 1, partitions: 1, compacted: false, ages: false },
  /** What is usual for people, frozen once a day, in pieces; by the date that it is for. */
  baselines: { value: BaselinePiece, version: 1, partitions: 1, compacted: false, ages: true },
  /** Detection's state, in chunks; key `<stage>/<partition>/<chunk>`. */
  'detection-snapshots': { value: DetectionSnapshot, version: 1, partitions: 1, compacted: true, ages: false },
  /** What could not be understood, with its reason and where it came from. */
  'dead-letters': { value: DeadLetter, version: 1, partitions: 1, compacted: false, ages: false },
} as const satisfies Record<string, TopicDeclaration>

export type Topic = keyof typeof topics
export type TopicValue<T extends Topic> = z.infer<(typeof topics)[T]['value']>
export const topicNames = Object.keys(topics) as Topic[]
