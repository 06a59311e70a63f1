import type { LiveSummary, Topic } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

/** The groups that must keep up, and what they read. */
const groups: { part: string; group: string; topics: Topic[] }[] = [
  { part: 'landing', group: 'landing', topics: ['access-events'] },
  { part: 'detection', group: 'detection', topics: ['access-events'] },
  { part: 'response', group: 'response', topics: ['alerts'] },
  { part: 'notices', group: 'notices', topics: ['alerts', 'accounts'] },
]
const longestWaitMs = 30_000

interface Behind {
  topic: Topic
  partition: number
  from: number
  end: number
}

/** How many records each group still has before it. One that leaves a record lying for long is not well. */
export async function lagOf(log: EventLog, now = Date.now()): Promise<LiveSummary['pipeline']> {
  return Promise.all(
    groups.map(async ({ part, group, topics }) => {
      try {
        const behind = (await Promise.all(topics.map((topic) => behindOf(log, group, topic)))).flat()
        const lag = behind.reduce((sum, { from, end }) => sum + end - from, 0)
        const oldest = await Promise.all(behind.map((each) => appendedAt(log, each)))
        return { part, ok: oldest.every((at) => at === undefined || now - at < longestWaitMs), lag }
      } catch (error) {
        return { part, ok: false, detail: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

async function behindOf(log: EventLog, group: string, topic: Topic): Promise<Behind[]> {
  const [range, committed] = await Promise.all([log.range(topic), log.committed(group, topic)])
  return range
    .map(({ partition, start, end }) => {
      return { topic, partition, from: Math.max(start, committed.get(partition)?.offset ?? start), end }
    })
    .filter(({ from, end }) => from < end)
}

async function appendedAt(log: EventLog, { topic, partition, from }: Behind): Promise<number | undefined> {
  for await (const record of log.read(topic, partition, from, from + 1)) return record.appendedAt
  return undefined
}
