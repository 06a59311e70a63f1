import { setImmediate as turn } from 'node:timers/promises'
import type { Topic } from '@custodia/contracts'
import { EventLogError } from '../event-log.js'
import type { NewRecord, Position } from '../event-log.js'
import { partitionOf } from '../partitions.js'
import { canRetry, reason, typeOf } from './client.js'
import type { Client } from './client.js'
import type { Message } from './kafkajs.js'
import { MAX_BATCH_BYTES } from './topics.js'

/** Records of one append. */
interface Append {
  topic: Topic
  records: { partition: number; message: Message }[]
  bytes: number
  state: 'waiting' | 'sent' | 'settled'
  settle(outcome: Position[] | EventLogError): void
}

/** Everything that one send has for one partition, in the order of appending. */
interface Batch {
  topic: Topic
  partition: number
  messages: Message[]
  written?: { baseOffset: number; appendedAt: number }
}

interface Identity {
  producerId: string
  producerEpoch: number
  /** topic/partition → sequence number of the next record */
  next: Map<string, number>
}

/**
 * Appends: one send at a time, and what arrives meanwhile goes with the next. A send is repeated under the same sequence
 * numbers, so the brokers take it once; after an unknown outcome these numbers are never used again, but a new identity begins.
 */
export class Producer {
  readonly #waiting: Append[] = []
  #identity: Identity | undefined
  #sending: Promise<void> | undefined
  #closed = false

  constructor(private readonly client: Client) {}

  append(topic: Topic, records: NewRecord[]): Promise<Position[]> {
    if (this.#closed) return Promise.reject(new EventLogError('The event log is closed.', true))
    if (records.length === 0) return Promise.resolve([])
    const placed = records.map(({ key, value, headers }) => ({
      partition: partitionOf(topic, key),
      message: { key: Buffer.from(key), value: Buffer.from(value.buffer, value.byteOffset, value.length), headers },
    }))
    const bytes = placed.reduce((sum, { message }) => sum + sizeOf(message), 0)
    if (bytes > MAX_BATCH_BYTES)
      return Promise.reject(
        new EventLogError(
          `A batch of ${bytes} bytes is larger than the ${MAX_BATCH_BYTES} that the event log takes.`,
          true,
        ),
      )
    return new Promise((resolve, reject) => {
      const append: Append = {
        topic,
        records: placed,
        bytes,
        state: 'waiting',
        settle: (outcome) => {
          if (append.state === 'settled') return
          append.state = 'settled'
          clearTimeout(bound)
          if (outcome instanceof EventLogError) reject(outcome)
          else resolve(outcome)
        },
      }
      const tooLate = () =>
        append.settle(new EventLogError('Kafka did not answer in time.', append.state === 'waiting'))
      const bound = setTimeout(tooLate, this.client.timeoutMs)
      this.#waiting.push(append)
      this.#sending ??= this.#run()
    })
  }

  /** what was appended before is still sent */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
  }

  async #run(): Promise<void> {
    await Promise.resolve() // appends of the same turn go together
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      if (group.length > 0) await this.#send(group)
      await turn() // whoever was just answered may append again: it goes with the next, not with the one after
    }
    this.#sending = undefined
  }

  #takeGroup(): Append[] {
    const group: Append[] = []
    for (let bytes = 0; this.#waiting[0] && bytes + this.#waiting[0].bytes <= MAX_BATCH_BYTES;) {
      const append = this.#waiting.shift() as Append // the condition of the loop
      if (append.state !== 'waiting') continue // given up: it never left
      append.state = 'sent'
      bytes += append.bytes
      group.push(append)
    }
    return group
  }

  async #send(group: Append[]): Promise<void> {
    const batches = new Map<string, Batch>()
    const places = group.map(({ topic, records }) =>
      records.map(({ partition, message }) => {
        const batch = batches.get(`${topic}/${partition}`) ?? { topic, partition, messages: [] }
        batches.set(`${topic}/${partition}`, batch)
        return { batch, at: batch.messages.push(message) - 1 }
      }),
    )
    const failure = await this.#write([...batches.values()])
    group.forEach((append, i) => {
      const positions =
        places[i]?.map(({ batch: { partition, written }, at }) => written && positionOf(partition, written, at)) ?? []
      append.settle(positions.every((position) => position !== undefined) ? positions : outcomeOf(positions, failure))
    })
  }

  /** repeats what may be repeated until the bound; resolves with what stood in the way of the rest */
  async #write(batches: Batch[]): Promise<Failure | undefined> {
    const until = performance.now() + this.client.timeoutMs
    const failure: Failure = { sent: false, error: undefined }
    let identity: Identity | undefined
    for (let delay = 20; ; delay *= 2) {
      try {
        identity ??= this.#identity ??= await this.#begin()
        const left = batches.filter(({ written }) => !written)
        await this.#attempt(left, identity, failure)
        for (const { topic, partition, messages } of batches)
          advance(identity, `${topic}/${partition}`, messages.length)
        return undefined
      } catch (error) {
        failure.error = error
        if (!canRetry(error) || performance.now() + delay > until) break
        await this.client.recover(delay)
      }
    }
    this.#identity = undefined
    return failure
  }

  async #begin(): Promise<Identity> {
    const broker = await this.client.cluster.findControllerBroker()
    return { ...(await broker.initProducerId({ transactionTimeout: 60_000 })), next: new Map() }
  }

  /** one request to each leader; throws what failed first, after all of them are through */
  async #attempt(batches: Batch[], identity: Identity, failure: Failure): Promise<void> {
    await this.client.cluster.refreshMetadataIfNecessary()
    const byLeader = Map.groupBy(batches, ({ topic, partition }) => this.client.leaderOf(topic, partition))
    const requests = await Promise.allSettled(
      [...byLeader].map(([nodeId, part]) => this.#request(nodeId, part, identity, failure)),
    )
    for (const request of requests) if (request.status === 'rejected') throw request.reason
  }

  async #request(nodeId: number, batches: Batch[], identity: Identity, failure: Failure): Promise<void> {
    const { client } = this
    const broker = await client.cluster.findBroker({ nodeId })
    const topicData = [...Map.groupBy(batches, ({ topic }) => topic)].map(([topic, part]) => ({
      topic: client.topicName(topic),
      partitions: part.map(({ partition, messages }) => {
        return { partition, firstSequence: identity.next.get(`${topic}/${partition}`) ?? 0, messages }
      }),
    }))
    const { producerId, producerEpoch } = identity
    try {
      const { topics } = await broker.produce({
        acks: -1,
        timeout: client.timeoutMs,
        producerId,
        producerEpoch,
        topicData,
      })
      for (const { topicName, partitions } of topics)
        for (const { partition, baseOffset, logAppendTime } of partitions) {
          const batch = batches.find(
            (each) => client.topicName(each.topic) === topicName && each.partition === partition,
          )
          if (batch) batch.written = { baseOffset: Number(baseOffset), appendedAt: Number(logAppendTime) }
        }
    } catch (error) {
      // an answer about several partitions tells of the first that failed only
      if (batches.length > 1 || !refuses(error)) failure.sent = true
      throw error
    }
  }
}

interface Failure {
  /** something was sent whose outcome is unknown */
  sent: boolean
  error: unknown
}

const positionOf = (
  partition: number,
  { baseOffset, appendedAt }: { baseOffset: number; appendedAt: number },
  at: number,
): Position => ({
  partition,
  offset: baseOffset + at,
  appendedAt,
})

const outcomeOf = (positions: (Position | undefined)[], failure: Failure | undefined): EventLogError => {
  const nowhere = !failure?.sent && positions.every((position) => position === undefined)
  return new EventLogError(`Kafka did not take an append: ${reason(failure?.error)}`, nowhere, {
    cause: failure?.error,
  })
}

/** an answer of a broker, other than those by which the record may be in its log already */
const refuses = (error: unknown): boolean =>
  typeOf(error) !== undefined &&
  !['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'].includes(typeOf(error) ?? '')

/** sequence numbers are 31 bits wide and start again */
const advance = ({ next }: Identity, key: string, by: number): void =>
  void next.set(key, ((next.get(key) ?? 0) + by) % 2 ** 31)

const RECORD_OVERHEAD = 64

const sizeOf = ({ key, value, headers = {} }: Message): number =>
  Object.entries(headers).reduce(
    (sum, [name, text]) => sum + 3 * (name.length + text.length),
    key.length + value.length + RECORD_OVERHEAD,
  )
