import type { Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

const followers: [group: string, topic: Topic][] = [
  ['detection', 'access-events'],
  ['landing', 'access-events'],
  ['landing', 'verdicts'],
  ['landing', 'alerts'],
  ['landing', 'late-events'],
  ['response', 'alerts'],
]

/**
 * Waits until everything in the log has landed and was judged. What is judged may be followed by alerts, and alerts by
 * freezes, which are events again: it is over when a whole round found nothing new. (Rules that are not grouped by the
 * actor act a moment later, after their buffer: wait for their alert itself.)
 */
export async function settled(log: EventLog, detecting: boolean): Promise<void> {
  const groups = followers.filter(([group]) => detecting || group !== 'detection')
  for (let before = ''; ;) {
    for (const [group, topic] of groups) await caughtUp(log, group, topic)
    const now = JSON.stringify(await Promise.all(groups.map(([, topic]) => log.range(topic))))
    if (now === before) return
    before = now
  }
}

async function caughtUp(log: EventLog, group: string, topic: Topic): Promise<void> {
  const ends = await log.range(topic)
  await until(async () => {
    const committed = await log.committed(group, topic)
    return ends.every(({ partition, end }) => end === 0 || (committed.get(partition)?.offset ?? 0) >= end)
  })
}

const pauseMs = 20

/** Asks again and again until the answer is truthy, and resolves with it. The test's own time limit is the bound. */
export async function until<T>(ask: () => Promise<T> | T): Promise<NonNullable<T>> {
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
