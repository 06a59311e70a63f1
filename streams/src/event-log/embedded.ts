import { statfs } from 'node:fs/promises'
import type { Topic } from '@custodia/contracts'
import { appendRecords, refuseOversized, withVersion } from './appending.js'
import { Bells } from './bells.js'
import { EventLogError } from './event-log.js'
import type { Committed, Consumer, EventLog, NewRecord, Position } from './event-log.js'
import { GroupCommit } from './group-commit.js'
import { GroupConsumer } from './group-consumer.js'
import type { ConsumerDeps } from './group-consumer.js'
import { leaveAll } from './groups.js'
import { EVERYTHING, Mesh } from './mesh.js'
import type { Registry } from './mesh.js'
import { partitionsOf } from './partitions.js'
import { endOf, readAll, startOf } from './reading.js'
import { openStorage } from './storage.js'
import type { Storage } from './storage.js'
import { tailTopic } from './tail.js'

export interface EmbeddedEventLogOptions {
  /** a directory of this machine, shared by all the processes that open the log; made when it is missing */
  dir: string
  /** longest wait for an append or a commit */
  timeoutMs?: number
  /** milliseconds since the epoch */
  now?: () => number
}

/** Port 1 on one machine: an LMDB file that several processes share, each waking the others over Unix sockets. */
export const openEmbeddedEventLog = async ({
  dir,
  timeoutMs = 2000,
  now = Date.now,
}: EmbeddedEventLogOptions): Promise<EventLog> => {
  const storage = await openStorage(dir)
  const commits = new GroupCommit(storage, timeoutMs)
  const bells = new Bells()
  const ring = (bell: string): void => (bell === EVERYTHING ? bells.ringAll() : bells.ring(bell))
  const registry = registryIn(storage, commits)
  const mesh = await Mesh.join(dir, registry, ring)
  const announce = (bell: string): void => {
    ring(bell)
    mesh.announce(bell)
  }
  const deps: ConsumerDeps = { storage, commits, bells, announce }
  const consumers = new Set<Consumer>()
  const started = (consumer: Consumer): Consumer => {
    consumers.add(consumer)
    const stop = () => consumer.stop().finally(() => consumers.delete(consumer))
    return { ready: consumer.ready, done: consumer.done, stop }
  }
  const close = async (): Promise<void> => {
    await Promise.all([...consumers].map((consumer) => consumer.stop()))
    await mesh.close()
    await commits.close()
    await storage.close()
  }
  let closing: Promise<void> | undefined

  const appendAll = async (topic: Topic, records: NewRecord[]): Promise<Position[]> => {
    refuseOversized(records)
    const versioned = withVersion(topic, records)
    const positions = await commits.write(() => appendRecords(storage.tables, topic, versioned, now))
    announce(topic)
    return positions
  }

  return {
    appendAll,
    append: async (topic, record) => {
      const [position] = await appendAll(topic, [record])
      return position as Position // one record, one position
    },
    consume: ({ group, topic, maxBatch }, handler) => {
      const member = `${mesh.endpoint}/${memberNumber++}`
      return started(new GroupConsumer(deps, { group, topic, member, endpoint: mesh.endpoint }, handler, maxBatch))
    },
    tail: (options, onRecords) => started(tailTopic(deps, options, onRecords)),
    read: (topic, partition, from, to) => readAll(storage, topic, partition, from, to),
    range: async (topic) =>
      partitionsOf(topic).map((partition) => ({
        partition,
        start: startOf(storage, topic, partition),
        end: endOf(storage, topic, partition),
      })),
    committed: async (group, topic) => {
      storage.refresh()
      const all = partitionsOf(topic).map((p): [number, Committed | undefined] => [
        p,
        storage.tables.commits.get([group, topic, p]),
      ])
      return new Map(all.filter((entry): entry is [number, Committed] => entry[1] !== undefined))
    },
    check: async () => {
      await requireSpace(dir)
      if (!registry.find(mesh.endpoint))
        throw new EventLogError('The other processes took this one for dead: it has to be started again.', true)
      await commits.write(() => void storage.tables.probes.put(mesh.endpoint, now()))
    },
    close: () => (closing ??= close()),
  }
}

let memberNumber = 0

/** Less than this and the next appends may fail: a small probe still finds a free page in the file where they do not. */
const LEAST_FREE_BYTES = 16_000_000

const requireSpace = async (dir: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dir)
  if (bavail * bsize < LEAST_FREE_BYTES)
    throw new EventLogError(`The disk of the event log is full: ${bavail * bsize} bytes are left.`, true)
}

/** the mesh's registry, in the log's own file */
const registryIn = ({ tables, refresh }: Storage, commits: GroupCommit): Registry => ({
  enter: (endpoint, path) =>
    commits.write(() => {
      const before = [...tables.endpoints.getKeys()]
      void tables.endpoints.put(endpoint, { path })
      return before
    }),
  find: (endpoint) => {
    refresh()
    return tables.endpoints.get(endpoint)?.path
  },
  remove: (endpoint) =>
    commits.write(() => {
      leaveAll(tables, endpoint)
      void tables.endpoints.remove(endpoint)
      void tables.probes.remove(endpoint)
    }),
})
