import type { Topic } from '@custodia/contracts'

/** Largest value of a record, as Kafka's brokers have it by default, less some room for key and headers. */
export const MAX_VALUE_BYTES = 1_000_000

/** On every record: the version of its topic's schema. */
export const VERSION_HEADER = 'schema-version'
/** On records that a request led to, where it came with one: W3C Trace Context. */
export const TRACE_HEADER = 'traceparent'

/** A record to append. `value` is the exact bytes that readers get back. */
export interface NewRecord {
  key: string
  value: Uint8Array
  headers?: Record<string, string>
}

/** Where an acknowledged record stands. */
export interface Position {
  partition: number
  offset: number
  /** log-append time, milliseconds since the epoch; never runs backwards within a partition */
  appendedAt: number
}

/** A record as it was appended, with its place. */
export interface LogRecord extends NewRecord, Position {
  topic: Topic
}

/** What a group has committed for a partition: the next offset to read, and a note of the committer's own. */
export interface Committed {
  offset: number
  metadata?: string
}

/** One partition while this consumer owns it. Every method but `signal` fails once the partition is lost. */
export interface OwnedPartition {
  topic: Topic
  partition: number
  /** aborted when the partition is being taken away or the consumer stops */
  signal: AbortSignal
  committed(): Promise<Committed | undefined>
  /** durable when it resolves; refused after the partition went to another member */
  commit(next: number, metadata?: string): Promise<void>
  /** first offset after the last appended record */
  end(): Promise<number>
  /** records in [from, to), in order, for replays; does not move anything */
  read(from: number, to: number): AsyncIterable<LogRecord>
}

/** What a consumer does with partitions and batches. One batch of a partition at a time; partitions run in parallel. */
export interface PartitionHandler {
  /** called before the first batch; returns the offset to start from (default: what is committed, else 0) */
  assigned?(partition: OwnedPartition): Promise<number | void>
  /** a rejection stops the consumer: the batch is read again after a restart */
  batch(partition: OwnedPartition, records: LogRecord[]): Promise<void>
  /** called once after the last batch, while the partition is still owned; not after a batch that was rejected */
  revoked?(partition: OwnedPartition): Promise<void>
}

export interface Consumer {
  /** resolves once it has its place: joined the group, or, for `tail`, will see every record appended from now on */
  readonly ready: Promise<void>
  /**
   * resolves when `stop` finished; rejects with the handler's or the log's error. Where nobody listens, that ends the
   * process as every unhandled rejection does: a consumer never dies in silence.
   */
  readonly done: Promise<void>
  stop(): Promise<void>
}

/** Where adapters differ honestly. Each value is a test of the contract; nobody may count on more than all of them give. */
export interface Capabilities {
  /** whether a batch over several partitions is kept whole or not at all, too, when it fails midway; of one partition it always is */
  atomicAcrossPartitions: boolean
  /** whose clock stamps `appendedAt`: that of the process, held where it would run backwards, or that of the servers */
  clock: 'process' | 'servers'
}

/**
 * Port 1: a durable, partitioned, append-only log. The promises, each a test of event-log.contract.ts:
 * - An append that resolved survives SIGKILL of every process; one that rejected with EventLogError `definite: true` is nowhere.
 * - Records of one key get one partition and keep their order of appending, across restarts; offsets of a partition count up by one.
 * - `appendedAt` never runs backwards within a partition, even when the process's clock does.
 * - Concurrent appends are grouped into few durable writes; an append never waits longer than `timeoutMs`.
 * - A group's members share the partitions of a topic; each is owned by one member at a time; a dead member's go to the others.
 * - A new owner starts at what was committed; a member that lost a partition can no longer commit for it.
 * - Consumers are woken by a message when something was appended, in this process or another; nothing polls.
 * - `tail` sees every record from a given offset on, in order, without a group.
 * - Every record bears the version of its topic's schema in the header `schema-version`, beside the headers that it was given.
 * - A compacted topic keeps at least the newest record of every key.
 */
export interface EventLog {
  append(topic: Topic, record: NewRecord): Promise<Position>
  /**
   * all or nothing for a batch of one partition, and where the adapter is `atomicAcrossPartitions`, of one topic;
   * positions in the order given
   */
  appendAll(topic: Topic, records: NewRecord[]): Promise<Position[]>
  consume(options: { group: string; topic: Topic; maxBatch?: number }, handler: PartitionHandler): Consumer
  /** no group, no commits: for gateways that each need every record. `from` defaults to the end of the log. */
  tail(
    options: { topic: Topic; from?: Record<number, number>; maxBatch?: number },
    onRecords: (records: LogRecord[]) => void | Promise<void>,
  ): Consumer
  /** records of one partition in [from, to), for reports, proofs and replays */
  read(topic: Topic, partition: number, from: number, to?: number): AsyncIterable<LogRecord>
  /** per partition: first kept offset and first offset after the last record */
  range(topic: Topic): Promise<{ partition: number; start: number; end: number }[]>
  /** what a group has committed, per partition; for lag and readiness */
  committed(group: string, topic: Topic): Promise<Map<number, Committed>>
  /** rejects with a sentence when appends would not be durable now */
  check(): Promise<void>
  close(): Promise<void>
}

/** An append or read that failed. `definite`: the record is certainly not in the log; otherwise nobody knows. */
export class EventLogError extends Error {
  constructor(
    message: string,
    readonly definite: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'EventLogError'
  }
}
