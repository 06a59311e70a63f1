import type { DeadLetter } from '@custodia/contracts'
import type { LogRecord, NewRecord } from '../event-log/index.js'

/** Base64 grows by a third, and a letter must fit into a record itself. */
const mostBytes = 700_000

/** A record nobody could use: its place, the reason, and its bytes; and the key that the letter goes by. */
export const letterOf = (record: LogRecord, step: string, reason: string): { key: string; value: DeadLetter } => {
  const { topic, partition, offset, appendedAt } = record
  const letter: DeadLetter = {
    topic,
    partition,
    offset,
    step,
    reason: reason.slice(0, 1_000),
    value_base64: Buffer.from(record.value.subarray(0, mostBytes)).toString('base64'),
    time: new Date(appendedAt).toISOString(), // of the record: a repeated letter is the same letter
  }
  return { key: `${topic}/${partition}/${offset}`, value: letter }
}

/** The same as a record of the dead letters. */
export const deadLetterOf = (record: LogRecord, step: string, reason: string): NewRecord => {
  const { key, value } = letterOf(record, step, reason)
  return { key, value: Buffer.from(JSON.stringify(value)) }
}
