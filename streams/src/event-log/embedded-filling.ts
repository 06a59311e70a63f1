import { createHash } from 'node:crypto'
import { topicNames, topics } from '@custodia/contracts'
import { EventLogError } from './event-log.js'
import type { LogFilling } from './filling.js'
import { openStorage } from './storage.js'

/** Fills the log of a directory. Times stay what they were too. */
export const fillEmbeddedEventLog = async ({ dir }: { dir: string }): Promise<LogFilling> => {
  const storage = await openStorage(dir)
  const { tables, transaction } = storage
  const used = topicNames.some((topic) => tables.records[topic].getKeysCount({ limit: 1 }) > 0)
  if (used || tables.ends.getKeysCount({ limit: 1 }) > 0) {
    await storage.close()
    throw new EventLogError(`The event log in ${dir} is not empty: choose an empty data directory.`, true)
  }
  return {
    put: (records) =>
      transaction(() => {
        for (const { topic, partition, offset, ...record } of records) {
          void tables.records[topic].put([partition, offset], record)
          if (!topics[topic].compacted) continue
          const key = createHash('sha256').update(record.key).digest('base64')
          void tables.newest.put([topic, partition, key], offset)
        }
      }),
    finish: (ends, offsets) =>
      transaction(() => {
        for (const { topic, partition, end, appendedAt } of ends)
          void tables.ends.put([topic, partition], { end, appendedAt })
        for (const { group, topic, partition, offset } of offsets)
          void tables.commits.put([group, topic, partition], { offset })
      }),
    close: () => storage.close(),
  }
}
