import type { Topic } from '@custodia/contracts'
import type { LogFilling, LogRecord } from '@custodia/streams/event-log'
import type { BackupKey } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { recordOf } from './log-lines.js'
import type { Manifest } from './manifest.js'
import { linesOf, readPart } from './parts.js'

/** What landing copies into the audit store. */
export const landedTopics: readonly Topic[] = ['access-events', 'verdicts', 'alerts', 'dead-letters', 'late-events']

/** Puts a copy into an empty log: same offsets, same bytes, groups where they stood, landing at the beginning. */
export async function copyInLog(
  filling: LogFilling,
  target: BackupTarget,
  key: BackupKey,
  { partitions, commits }: Manifest['log'],
): Promise<void> {
  for (const { topic, partition, segments } of partitions)
    for (const segment of segments) {
      const records: LogRecord[] = []
      for await (const line of linesOf(readPart(target, key, segment)))
        records.push({ topic, partition, ...recordOf(line) })
      await filling.put(records)
    }
  const ends = partitions.map(({ topic, partition, end, appended_at }) => ({
    topic,
    partition,
    end,
    appendedAt: appended_at,
  }))
  const landing = partitions
    .filter(({ topic }) => landedTopics.includes(topic))
    .map(({ topic, partition, segments }) => ({
      group: 'landing',
      topic,
      partition,
      offset: segments[0]?.first ?? 0,
    }))
  await filling.finish(ends, [...commits, ...landing])
}
