import type { Topic } from '@custodia/contracts'
import type { EventLog, LogRecord, NewRecord } from '../event-log.js'

export const rec = (key: string, value: string): NewRecord => ({ key, value: Buffer.from(value) })
export const text = (record: { value: Uint8Array }): string => Buffer.from(record.value).toString()
export const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** every record of a topic, partition by partition */
export const everything = async (log: EventLog, topic: Topic): Promise<LogRecord[]> => {
  const all: LogRecord[] = []
  for (const { partition, start, end } of await log.range(topic))
    for await (const record of log.read(topic, partition, start, end)) all.push(record)
  return all
}
