import type { LiveSummary, Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

/** The groups that must keep up, and what they read. */
const groups: { part: string; group: string; topic: Topic }[] = [
  { part: 'landing', group: 'landing', topic: 'access-events' },
  { part: 'detection', group: 'detection', topic: 'access-events' },
  { part: 'response', group: 'response', topic: 'alerts' },
]
const tooFarBehind = 10_000

/** How many records each group still has before it; a log that does not answer is a part that is not well. */
export async function lagOf(log: EventLog): Promise<LiveSummary['pipeline']> {
  return Promise.all(
    groups.map(async ({ part, group, topic }) => {
      try {
        const [range, committed] = await Promise.all([log.range(topic), log.committed(group, topic)])
        const lag = range.reduce(
          (sum, { partition, start, end }) => sum + end - (committed.get(partition)?.offset ?? start),
          0,
        )
        return { part, ok: lag < tooFarBehind, lag }
      } catch (error) {
        return { part, ok: false, detail: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}
