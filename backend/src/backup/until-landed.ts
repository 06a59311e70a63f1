import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '@custodia/streams/event-log'
import { landedTopics } from './restore-log.js'

const pauseMs = 100

/** Resolves when everything that was in the log when this was called has landed. */
export async function untilLanded(log: EventLog): Promise<void> {
  for (const topic of landedTopics) {
    for (const { partition, start, end } of await log.range(topic)) {
      if (start === end) continue
      while (((await log.committed('landing', topic)).get(partition)?.offset ?? 0) < end) await sleep(pauseMs)
    }
  }
}
