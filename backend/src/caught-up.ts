import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

const pauseMs = 50

/** Resolves with true when a group is through with all that stood in a topic when this was called, and with false once `giveUp` says so. */
export async function caughtUp(
  log: EventLog,
  group: string,
  topic: Topic,
  giveUp: () => boolean = () => false,
): Promise<boolean> {
  for (const { partition, start, end } of await log.range(topic))
    while (start < end && ((await log.committed(group, topic)).get(partition)?.offset ?? 0) < end) {
      if (giveUp()) return false
      await sleep(pauseMs)
    }
  return true
}
