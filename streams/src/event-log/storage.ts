import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { topicNames } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'
import { open } from 'lmdb'
import type { Database, RootDatabaseOptions } from 'lmdb'
import { decodeRecord, encodeRecord, type StoredRecord } from './codec.js'
import { whileWriting } from './ending.js'
import { EventLogError } from './event-log.js'
import type { Committed } from './event-log.js'
import { OpenEnds } from './open-ends.js'
import type { PartitionEnd } from './open-ends.js'

/** The tables of the log. All of them change in one transaction at a time, whichever process writes. */
export interface Tables {
  /** per topic: [partition, offset] → record, see codec.ts; put in transactions only */
  records: Record<Topic, Database<StoredRecord, [number, number]>>
  /** [topic, partition] */
  ends: Database<PartitionEnd, [string, number]>
  /** the same while a transaction appends */
  openEnds: OpenEnds
  /** compacted topics only: [topic, partition, sha-256 of the key] → offset of the newest record */
  newest: Database<number, [string, number, string]>
  /** [group, topic, partition] */
  commits: Database<Committed, [string, string, number]>
  /** [group, topic, member] → the endpoint that the member lives behind */
  members: Database<{ endpoint: string }, [string, string, string]>
  /** [group, topic, partition]; the epoch outlives its owner, so that no two owners share one */
  owners: Database<{ member: string | null; epoch: number }, [string, string, number]>
  /** endpoint → the socket that wakes it */
  endpoints: Database<{ path: string }, string>
  /** written by check() */
  probes: Database<number, string>
}

export interface Storage {
  tables: Tables
  /** runs in the one write transaction of all processes; a throw undoes everything that it wrote */
  transaction<T>(work: () => T): Promise<T>
  /** reads see what was committed last, by any process, from here to the next turn of the event loop */
  refresh(): void
  close(): Promise<void>
}

export const openStorage = async (dir: string): Promise<Storage> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, 'log.mdb')
  const root = open({
    path,
    noSubdir: true,
    maxDbs: 32,
    // a commit is flushed before it becomes visible: nobody acts on a record that a power cut could take back
    overlappingSync: false,
    // batching by turns leaves a promise that nobody handles when a commit fails, which would end the process
    eventTurnBatching: false,
  })
  const json = <V, K extends [string, ...(string | number)[]] | string>(name: string) =>
    root.openDB<V, K>(name, { encoding: 'json' })
  const coded: RootDatabaseOptions = { encoder: { encode: encodeRecord, decode: decodeRecord } }
  const records = Object.fromEntries(
    topicNames.map((topic) => [topic, root.openDB<StoredRecord, [number, number]>(`records/${topic}`, coded)]),
  ) as Tables['records']
  await Promise.all([path, `${path}-lock`].map((file) => chmod(file, 0o600)))
  const ends = json<PartitionEnd, [string, number]>('ends')
  const openEnds = new OpenEnds(ends)
  let closed = false
  return {
    tables: {
      records,
      ends,
      openEnds,
      newest: json('newest'),
      commits: json('commits'),
      members: json('members'),
      owners: json('owners'),
      endpoints: json('endpoints'),
      probes: json('probes'),
    },
    transaction: (work) => whileWriting(() => root.childTransaction(() => openEnds.around(work))),
    refresh: () => {
      if (closed) throw new EventLogError('The event log is closed.', true)
      root.resetReadTxn()
    },
    close: () => {
      closed = true
      return root.close()
    },
  }
}
