import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startKafka, type KafkaServer } from '../../../../deploy/servers/kafka.mjs'
import type { LogRecord } from '../event-log.js'
import { partitionOf } from '../partitions.js'
import { fillKafkaEventLog } from './kafka-filling.js'
import { openKafkaEventLog } from './kafka.js'

describe('filling the topics of a cluster', () => {
  let kafka: KafkaServer
  beforeAll(async () => {
    kafka = await startKafka()
  }, 120_000)
  afterAll(() => kafka?.stop())

  const partition = partitionOf('access-events', 'k')
  const record = (offset: number): LogRecord => ({
    topic: 'access-events',
    partition,
    offset,
    key: 'k',
    appendedAt: 1,
    value: Buffer.from(`event ${offset}`),
  })

  it('gives records their offsets again and groups their places, and refuses topics that hold anything', async () => {
    const options = { brokers: kafka.brokers, clientId: 'filling', timeoutMs: 20_000 }
    const filling = await fillKafkaEventLog(options)
    await filling.put(Array.from({ length: 1200 }, (_, offset) => record(offset)))
    await expect(filling.put([record(7)])).rejects.toThrow('got another offset')
    await filling.finish([], [{ group: 'detection', topic: 'access-events', partition, offset: 900 }])
    await filling.close()
    const log = await openKafkaEventLog(options)
    const values: string[] = []
    for await (const { value } of log.read('access-events', partition, 900, 1200))
      values.push(Buffer.from(value).toString())
    expect(values).toEqual(Array.from({ length: 300 }, (_, i) => `event ${900 + i}`))
    expect((await log.committed('detection', 'access-events')).get(partition)?.offset).toBe(900)
    await log.close()
    await expect(fillKafkaEventLog(options)).rejects.toThrow('is not empty')
  }, 120_000)
})
