import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openEmbeddedEventLog, partitionOf } from '../../event-log/index.js'
import type { EventLog } from '../../event-log/index.js'
import { horizonOf } from './horizon.js'

const topic = 'access-events'
const before = { group: 'detection', topic } as const
const newest = 1_000_000

let dir: string
let log: EventLog
let clock = 0
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-horizon-'))
  log = await openEmbeddedEventLog({ dir, now: () => clock })
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

const [here, there] = ['clerk-1', 'clerk-2']
const append = async (key: string, at: number): Promise<void> => {
  clock = at
  await log.append(topic, { key, value: Buffer.from('{}') })
}
/** the stage before is through with so many records of a key's partition, whatever it owns besides */
const judged = async (key: string, count: number): Promise<void> => {
  const done = Promise.withResolvers<void>()
  const consumer = log.consume(
    { group: before.group, topic },
    {
      assigned: async (owned) => {
        if (owned.partition !== partitionOf(topic, key)) return
        await owned.commit(count)
        done.resolve()
      },
      batch: async () => undefined,
    },
  )
  await done.promise
  await consumer.stop()
}

describe('the horizon of the stage before', () => {
  it('is just behind the newest time seen where every partition is judged to its end, or is empty', async () => {
    expect(await horizonOf(log, before, newest)).toBe(newest - 500)
    await append(here, 100)
    await judged(here, 1)
    expect(await horizonOf(log, before, newest)).toBe(newest - 500)
    expect(await horizonOf(log, before, 0)).toBe(0)
  })

  it('is held back by the partition that is behind, to the first record that it has not judged', async () => {
    for (const at of [100, 200, 300]) await append(here, at)
    for (const at of [150, 250]) await append(there, at)
    await judged(there, 2)
    expect(await horizonOf(log, before, newest)).toBe(100)
    await judged(here, 1)
    expect(await horizonOf(log, before, newest)).toBe(200)
    await judged(here, 3)
    expect(await horizonOf(log, before, newest)).toBe(newest - 500)
  })
})
