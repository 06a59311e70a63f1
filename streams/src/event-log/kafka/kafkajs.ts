import { createRequire } from 'node:module'

/*
 * What is used of kafkajs 2.2.4 below its public face. Its consumer rejoins a group before its handlers can finish, commits
 * behind a long poll on the same connection, jumps to the end when an offset is out of range, and cannot fetch without a
 * group; its idempotent producer reuses sequence numbers after an unknown outcome. The protocol underneath does none of
 * that, and the version is pinned. These are the types of what is called, as the sources have them.
 */

export interface TopicPartitions<P> {
  topic: string
  partitions: P[]
}

export interface Message {
  key: Buffer
  value: Buffer
  headers?: Record<string, string>
}

export interface FetchedMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer>
  isControlRecord?: boolean
}

export interface FetchedPartition {
  partition: number
  highWatermark: string
  messages: FetchedMessage[]
}

/** One node of the cluster. Every method is one request; it throws KafkaError. */
export interface Broker {
  nodeId: number
  initProducerId(request: object): Promise<{ producerId: string; producerEpoch: number }>
  produce(request: {
    acks: -1
    timeout: number
    producerId: string
    producerEpoch: number
    topicData: TopicPartitions<{ partition: number; firstSequence: number; messages: Message[] }>[]
  }): Promise<{
    topics: { topicName: string; partitions: { partition: number; baseOffset: string; logAppendTime: string }[] }[]
  }>
  fetch(request: {
    isolationLevel: number
    maxWaitTime: number
    minBytes: number
    maxBytes: number
    topics: TopicPartitions<{ partition: number; fetchOffset: string; maxBytes: number }>[]
  }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>
  joinGroup(request: {
    groupId: string
    sessionTimeout: number
    rebalanceTimeout: number
    memberId: string
    groupProtocols: { name: string; metadata: Buffer }[]
  }): Promise<{
    generationId: number
    leaderId: string
    memberId: string
    members: { memberId: string; memberMetadata: Buffer }[]
  }>
  syncGroup(request: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: { memberId: string; memberAssignment: Buffer }[]
  }): Promise<{ memberAssignment: Buffer }>
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
  offsetCommit(request: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: TopicPartitions<{ partition: number; offset: string; metadata: string | null }>[]
  }): Promise<unknown>
  offsetFetch(request: { groupId: string; topics: TopicPartitions<{ partition: number }>[] }): Promise<{
    responses: TopicPartitions<{ partition: number; offset: string; metadata: string | null }>[]
  }>
}

/** The nodes of a cluster, with one connection to each. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: string[]): Promise<void>
  refreshMetadata(): Promise<void>
  refreshMetadataIfNecessary(): Promise<void>
  findBroker(node: { nodeId: number | string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(group: { groupId: string }): Promise<Broker>
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number; isr: number[] }[]
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<TopicPartitions<{ partition: number; offset: string }>[]>
}

/** `type` is Kafka's own name of what a broker answered; without one the request failed on its way. */
export interface KafkaError extends Error {
  type?: string
  retriable?: boolean
}

interface MemberMetadata {
  version: number
  topics: string[]
  userData: Buffer
}

interface MemberAssignment {
  version: number
  assignment: Record<string, number[]>
  userData?: Buffer
}

interface Codec<T, Decoded> {
  encode(value: T): Buffer
  decode(bytes: Buffer): Decoded
}

const require = createRequire(import.meta.url)

export const Cluster = require('kafkajs/src/cluster') as new (options: object) => Cluster

export const { createLogger } = require('kafkajs/src/loggers') as {
  createLogger(options: { level: number; logCreator: () => (entry: LogEntry) => void }): object
}

export const { MemberMetadata, MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol') as {
  MemberMetadata: Codec<MemberMetadata, MemberMetadata>
  MemberAssignment: Codec<MemberAssignment, MemberAssignment | null>
}

/** A line that kafkajs would print. */
export interface LogEntry {
  level: number
  namespace: string
  log: { message: string }
}

/*
 * Without this, kafkajs sets a timer after every answer, of a negative time that Node warns about: it looks for requests
 * held back by throttling, where there are none.
 */
interface RequestQueue {
  pending: unknown[]
  scheduleCheckPendingRequests(): void
}
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
const { scheduleCheckPendingRequests } = queue
queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
}
