import type { Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { caughtUp } from '../caught-up.js'

/** Who tells the past, in the order in which one writes what the next one reads. */
const followers: readonly (readonly [group: string, topic: Topic])[] = [
  ['detection', 'access-events'],
  ['detection-rekeyed', 'rekeyed'],
  ['landing', 'access-events'],
  ['landing', 'verdicts'],
  ['landing', 'late-events'],
]

/**
 * Whether all that is in the log has been judged and landed, waiting so long for it at the most: an access that has landed
 * without its verdict, or without the mark that says where it was judged, would be told as it was not.
 */
export async function isSettledWithin(log: EventLog, ms: number, signal?: AbortSignal): Promise<boolean> {
  const until = performance.now() + ms
  const giveUp = (): boolean => performance.now() >= until || signal?.aborted === true
  for (const [group, topic] of followers) if (!(await caughtUp(log, group, topic, giveUp))) return false
  return true
}
