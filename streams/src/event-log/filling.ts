import type { Topic } from '@custodia/contracts'
import type { LogRecord } from './event-log.js'

/** Where a group stands in a partition: the next offset that it reads. */
export interface GroupOffset {
  group: string
  topic: Topic
  partition: number
  offset: number
}

/** How a partition ends: the next offset, and the time of the last record. */
export interface TopicEnd {
  topic: Topic
  partition: number
  end: number
  appendedAt: number
}

/**
 * An empty log that becomes what another one was, while nobody else has it open: records at the offsets that they had, the
 * next ones behind them, and groups where they stood. A log that is not empty is refused.
 */
export interface LogFilling {
  /** those of one partition in the order of their offsets */
  put(records: LogRecord[]): Promise<void>
  finish(ends: TopicEnd[], offsets: GroupOffset[]): Promise<void>
  close(): Promise<void>
}
