import type { EventLog } from '@custodia/streams/event-log'
import { caughtUp } from '../caught-up.js'
import { landedTopics } from './restore-log.js'

/** Resolves when everything that was in the log when this was called has landed. */
export async function untilLanded(log: EventLog): Promise<void> {
  for (const topic of landedTopics) await caughtUp(log, 'landing', topic)
}
