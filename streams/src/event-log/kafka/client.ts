import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { topicNames } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'
import type { SASLOptions } from 'kafkajs'
import { EventLogError } from '../event-log.js'
import { partitionsOf } from '../partitions.js'
import { Cluster, createLogger } from './kafkajs.js'
import type { KafkaError } from './kafkajs.js'

export interface KafkaServers {
  /** `host:port` of some brokers; they tell of the others */
  brokers: string[]
  clientId: string
  ssl?: boolean | ConnectionOptions
  sasl?: SASLOptions
}

export interface ClientOptions extends KafkaServers {
  timeoutMs: number
  /** put before the names of topics and groups, where several systems share a cluster */
  prefix: string
}

/** Connections to the cluster for one purpose: whatever shares one waits for each other's answers, and some answers take long. */
export class Client {
  readonly cluster: Cluster
  readonly timeoutMs: number
  readonly #prefix: string

  constructor({ brokers, clientId, ssl, sasl, timeoutMs, prefix }: ClientOptions) {
    this.timeoutMs = timeoutMs
    this.#prefix = prefix
    this.cluster = new Cluster({
      // what fails is told by rejections; the rest, kafkajs calls errors that it then retries
      logger: createLogger({ level: 0, logCreator: () => () => undefined }),
      socketFactory: openSocket,
      brokers,
      clientId,
      ssl,
      sasl,
      connectionTimeout: timeoutMs,
      authenticationTimeout: timeoutMs,
      reauthenticationThreshold: 10_000,
      requestTimeout: timeoutMs,
      enforceRequestTimeout: true,
      metadataMaxAge: 300_000,
      allowAutoTopicCreation: false,
      isolationLevel: READ_UNCOMMITTED,
      retry: { initialRetryTime: 50, maxRetryTime: timeoutMs, retries: 1 },
    })
  }

  static async open(options: ClientOptions): Promise<Client> {
    const client = new Client(options)
    const findTopics = async (): Promise<void> => {
      await client.cluster.connect()
      await client.cluster.addMultipleTargetTopics(topicNames.map((topic) => client.topicName(topic)))
      for (const topic of topicNames) for (const partition of partitionsOf(topic)) client.leaderOf(topic, partition)
      // nor does a broker that was made a leader always know it when others do: it would refuse the first append
      await client.cluster.fetchTopicsOffset(topicNames.map((topic) => client.edgesOf(topic, 'start')))
    }
    try {
      // topics that were created just now are not known to every broker yet
      await client.asking('finding the topics', findTopics, OPEN_MS)
    } catch (error) {
      await client.close()
      throw error
    }
    return client
  }

  topicName(topic: Topic): string {
    return this.#prefix + topic
  }

  /** the question where the partitions of a topic start or end, which only their leaders can answer */
  edgesOf(topic: Topic, edge: 'start' | 'end') {
    const partitions = partitionsOf(topic).map((partition) => ({ partition }))
    return { topic: this.topicName(topic), partitions, fromBeginning: edge === 'start' }
  }

  groupName(group: string, topic: Topic): string {
    // a group of its own for each topic: its members do not stop for what happens to others
    return `${this.#prefix}${group}.${topic}`
  }

  leaderOf(topic: Topic, partition: number): number {
    const found = this.cluster
      .findTopicPartitionMetadata(this.topicName(topic))
      .find(({ partitionId }) => partitionId === partition)
    if (!found || found.leader < 0) throw retriable(`Partition ${partition} of ${topic} has no leader now.`)
    return found.leader
  }

  /** after a failure: who leads what may have changed */
  async recover(delayMs: number, signal?: AbortSignal): Promise<void> {
    await sleep(delayMs, undefined, { signal }).catch(() => undefined)
    await this.cluster.refreshMetadata().catch(() => undefined)
  }

  /** what can be asked again without harm, again and again until the bound */
  async asking<T>(what: string, ask: () => Promise<T>, boundMs = this.timeoutMs): Promise<T> {
    const until = performance.now() + boundMs
    for (let delay = 20; ; delay = Math.min(2 * delay, LONGEST_DELAY_MS)) {
      try {
        return await ask()
      } catch (error) {
        if (error instanceof EventLogError) throw error
        const late = performance.now() + delay > until
        if (late || !canRetry(error))
          throw new EventLogError(`Kafka: ${what} failed: ${reason(error)}`, false, { cause: error })
        await this.recover(delay)
      }
    }
  }

  close(): Promise<void> {
    return this.cluster.disconnect()
  }
}

/** what a broker answered, by Kafka's own name; undefined where it did not answer */
export const typeOf = (error: unknown): string | undefined => underlying(error)?.type

/** a broker that is away for a moment, or one that says so */
export const canRetry = (error: unknown): boolean => {
  const { retriable, name } = underlying(error) ?? {}
  // kafkajs swallows why it found none, and takes it for final
  return retriable === true || name === 'KafkaJSGroupCoordinatorNotFound'
}

const wrappers = new Set(['KafkaJSNumberOfRetriesExceeded', 'KafkaJSNonRetriableError'])

/** kafkajs wraps what it tried several times itself, and what it does not care to try again: a refused connection, too */
const underlying = (error: unknown): KafkaError | undefined => {
  if (!(error instanceof Error)) return undefined
  return wrappers.has(error.name) && error.cause instanceof Error ? underlying(error.cause) : error
}

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** nothing here uses transactions, so there is nothing uncommitted to be kept from seeing */
export const READ_UNCOMMITTED = 0

const KEEP_ALIVE_MS = 60_000
const LONGEST_DELAY_MS = 320
/** longest wait for the cluster when the log is opened */
const OPEN_MS = 10_000

const retriable = (message: string): KafkaError => Object.assign(new Error(message), { retriable: true })

const openSocket = (to: {
  host: string
  port: number
  ssl?: ConnectionOptions | boolean
  onConnect: () => void
}): Socket => {
  const { host, port, ssl, onConnect } = to
  const name = isIP(host) ? {} : { servername: host }
  const socket = ssl
    ? connectTls({ host, port, ...name, ...(ssl === true ? {} : ssl) }, onConnect)
    : connectTcp({ host, port }, onConnect)
  socket.setNoDelay(true) // a held access would wait 40 ms for Nagle and delayed acknowledgements
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return socket
}
