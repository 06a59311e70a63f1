import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Topic } from '@custodia/contracts'
import { type EventLog, openEmbeddedEventLog, partitionOf } from '@custodia/streams/event-log'
import { isSettledWithin } from './settled.js'

let dir: string
let log: EventLog
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-settled-'))
  log = await openEmbeddedEventLog({ dir })
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

const key = 'clerk-1'
const append = (topic: Topic): Promise<unknown> => log.append(topic, { key, value: Buffer.from('{}') })
/** a group is through with the one record of a topic */
const read = async (group: string, topic: Topic): Promise<void> => {
  const done = Promise.withResolvers<void>()
  const consumer = log.consume(
    { group, topic },
    {
      assigned: async (owned) => {
        if (owned.partition !== partitionOf(topic, key)) return
        await owned.commit(1)
        done.resolve()
      },
      batch: async () => undefined,
    },
  )
  await done.promise
  await consumer.stop()
}

describe('whether all that is in the log has been judged and landed', () => {
  it('is so where nothing is', async () => {
    expect(await isSettledWithin(log, 0)).toBe(true)
  })

  it('is not so before the last of those who tell the past has read the last topic', async () => {
    const readers = [
      ['detection', 'access-events'],
      ['landing', 'access-events'],
      ['detection-rekeyed', 'rekeyed'],
      ['landing', 'verdicts'],
      ['landing', 'late-events'],
    ] as const
    for (const topic of new Set(readers.map(([, topic]) => topic))) await append(topic)
    for (const [group, topic] of readers) {
      expect(await isSettledWithin(log, 0)).toBe(false)
      await read(group, topic)
    }
    expect(await isSettledWithin(log, 0)).toBe(true)
  })

  it('waits for it, and no longer than whoever asks', async () => {
    await append('verdicts')
    const asking = isSettledWithin(log, 60_000)
    await read('landing', 'verdicts')
    expect(await asking).toBe(true)
    await append('late-events')
    expect(await isSettledWithin(log, 60_000, AbortSignal.abort())).toBe(false)
  })
})
