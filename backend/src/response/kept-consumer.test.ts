import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { until } from '../testing/settled.js'
import { KeptConsumer } from './kept-consumer.js'

let dir: string
let log: EventLog
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-kept-'))
  log = await openEmbeddedEventLog({ dir })
})
afterAll(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

it('reads what failed again, until it succeeds, and goes on behind it', async () => {
  const done: string[] = []
  const failures: unknown[] = []
  let away = 2
  const kept: KeptConsumer = new KeptConsumer(
    () =>
      log.consume(
        { group: 'kept', topic: 'alerts', maxBatch: 1 },
        {
          batch: async (partition, [record]) => {
            if (away-- > 0) throw new Error('the record store is away')
            done.push(Buffer.from(record!.value).toString())
            await partition.commit(record!.offset + 1)
            kept.progressed()
          },
        },
      ),
    (error) => failures.push(error),
  )
  for (const value of ['one', 'two']) await log.append('alerts', { key: 'k', value: Buffer.from(value) })
  await until(() => done.length === 2)
  await kept.stop()
  expect([done, failures.length]).toEqual([['one', 'two'], 2])
})
