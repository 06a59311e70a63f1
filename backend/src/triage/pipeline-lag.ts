import type { LiveSummary, Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

/** The groups that must keep up, and what they read. */
const groups: { part: string; group: string; topic: Topic }[] = [
  { part: 'landing', group: 'landing', topic: 'access-events' },
  { part: 'detection', group: 'detection', topic: 'access-events' },
  { part: 'response', group: 'response', topic: 'alerts' },
]
const longestWaitMs = 30_000

/** How many records each group still has before it. One that leaves a record lying for long is not well. */
export async function lagOf(log: EventLog, now = Date.now()): Promise<LiveSummary['pipeline']> {
  return Promise.all(
    groups.map(async ({ part, group, topic }) => {
      try {
        const [range, committed] = await Promise.all([log.range(topic), log.committed(group, topic)])
        const behind = range
          .map(({ partition, start, end }) => ({
            partition,
            from: Math.max(start, committed.get(partition)?.offset ?? start),
            end,
          }))
          .filter(({ from, end }) => from < end)
        const lag = behind.reduce((sum, { from, end }) => sum + end - from, 0)
        const oldest = await Promise.all(behind.map(({ partition, from }) => appendedAt(log, topic, partition, from)))
        return { part, ok: oldest.every((at) => at === undefined || now - at < longestWaitMs), lag }
      } catch (error) {
        return { part, ok: false, detail: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

async function appendedAt(log: EventLog, topic: Topic, partition: number, offset: number): Promise<number | undefined> {
  for await (const record of log.read(topic, partition, offset, offset + 1)) return record.appendedAt
  return undefined
}
