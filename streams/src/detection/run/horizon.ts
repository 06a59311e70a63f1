import type { Topic } from '@custodia/contracts'
import type { EventLog } from '../../event-log/index.js'

/** The stage that writes what another one reads. */
export interface Before {
  group: string
  topic: Topic
}

/** How far the clocks of servers may be apart, and how long a record may be on its way to the copies that make it visible. */
const SLACK_MS = 500

/**
 * The log-append time up to which the stage before has sent on everything, of every partition: it writes before it commits,
 * so what it committed is here. Where it stands at the end of a partition, whatever comes later is stamped later than
 * `newest`, the newest time that the log has shown us before we ask. A partition that is behind holds the horizon back.
 */
export const horizonOf = async (log: EventLog, { group, topic }: Before, newest: number): Promise<number> => {
  const ranges = await log.range(topic) // asked first: what is committed up to there is all that there was
  const committed = await log.committed(group, topic)
  const times = await Promise.all(
    ranges.map(async ({ partition, start, end }) => {
      const next = Math.max(committed.get(partition)?.offset ?? start, start)
      if (next >= end) return Infinity
      for await (const { appendedAt } of log.read(topic, partition, next, next + 1)) return appendedAt
      return 0
    }),
  )
  return Math.max(0, Math.min(newest - SLACK_MS, ...times))
}
