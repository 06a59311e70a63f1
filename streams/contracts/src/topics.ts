import type { z } from 'zod'
import { AccessEvent } from './access-event.js'
import { AccountRecord } from './account.js'
import { AlertRecord } from './alert.js'
import { DeadLetter, DetectionSnapshot, Rekeyed } from './streams.js'
import { RuleSet } from './rule.js'
import { Verdict } from './verdict.js'

/** Every topic: what is in it, how many partitions, and whether only the newest record of a key is kept. */
export const topics = {
  /** Every access, keyed by keyOf(event). */
  'access-events': { value: AccessEvent, partitions: 6, compacted: false },
  /** One answer per held access, keyed by actor (same partition number as the access). */
  verdicts: { value: Verdict, partitions: 6, compacted: false },
  /** Events for rules that are grouped by something else than the actor, and outside events; keyed by rule and group. */
  rekeyed: { value: Rekeyed, partitions: 6, compacted: false },
  /** Raised alerts and triage. One partition: its offset is half of a live client's cursor. */
  alerts: { value: AlertRecord, partitions: 1, compacted: false },
  /** Freezes, lifts, ended sessions. One partition: the other half of the cursor. */
  accounts: { value: AccountRecord, partitions: 1, compacted: false },
  /** Rule sets in the order they took effect. */
  'rule-sets': { value: RuleSet, partitions: 1, compacted: false },
  /** Detection's state, in chunks; key `<stage>/<partition>/<chunk>`. */
  'detection-snapshots': { value: DetectionSnapshot, partitions: 1, compacted: true },
  /** What could not be understood, with its reason and where it came from. */
  'dead-letters': { value: DeadLetter, partitions: 1, compacted: false },
} as const satisfies Record<string, { value: z.ZodType; partitions: number; compacted: boolean }>

export type Topic = keyof typeof topics
export type TopicValue<T extends Topic> = z.infer<(typeof topics)[T]['value']>
export const topicNames = Object.keys(topics) as Topic[]
