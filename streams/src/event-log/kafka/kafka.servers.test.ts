import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'
import { startKafka } from '../../../../deploy/servers/kafka.mjs'
import type { KafkaServer } from '../../../../deploy/servers/kafka.mjs'
import { eventLogContract } from '../event-log.contract.js'
import type { EventLog, LogRecord } from '../event-log.js'
import { Seen } from '../testing/seen.js'
import { everything, numbers, rec, text } from '../testing/values.js'
import { Client } from './client.js'
import { openKafkaEventLog } from './kafka.js'
import type { KafkaEventLogOptions } from './kafka.js'

const peerScript = new URL('../../../dist/event-log/kafka/testing/kafka-peer.js', import.meta.url)

describe('event log on Kafka', () => {
  let kafka: KafkaServer
  let admin: Admin
  let places = 0
  const newPrefix = () => `test${places++}.`
  const openAt = (prefix: string, options: Partial<KafkaEventLogOptions> = {}) =>
    openKafkaEventLog({ brokers: kafka.brokers, clientId: 'test', prefix, ...options })

  beforeAll(async () => {
    kafka = await startKafka()
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.disconnect()
    await kafka?.stop()
  })

  /** a place is a prefix of its own on the one broker */
  const prefixOf = (place: string) => place.split('/')[1] ?? ''
  const limitTopic = (name: string, bytes: number) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name,
          configEntries: [
            { name: 'max.message.bytes', value: `${bytes}` },
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
          ],
        },
      ],
    })

  eventLogContract({
    newPlace: async () => `${kafka.brokers.join()}/${newPrefix()}`,
    removePlace: async (place) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefixOf(place)))
      await admin.deleteTopics({ topics })
    },
    peerScript,
    open: (place) => openAt(prefixOf(place)),
    capabilities: { atomicAcrossPartitions: false, clock: 'servers' },
    failsMidway: async (place) => {
      const bad = { key: 'bad', value: Buffer.alloc(200_000) }
      const log = await openAt(prefixOf(place))
      // somebody sets it lower than it was declared, while the log is open: opening would refuse it
      await limitTopic(`${prefixOf(place)}access-events`, 100_000)
      while (await log.append('access-events', bad).catch(() => undefined)); // until the broker has heard of it
      await log.close()
      return bad
    },
  })

  describe('when servers fail', () => {
    const committing = (log: EventLog, seen: Seen<string>) =>
      log.consume(
        { group: 'g', topic: 'alerts' },
        {
          batch: async (partition, records) => {
            await partition.commit((records.at(-1)?.offset ?? 0) + 1)
            seen.add(...records.map(text))
          },
        },
      )
    /** appends again until it is taken, as callers do that have to know */
    const untilTaken = async (log: EventLog, value: string) => {
      for (;;) {
        const taken = await log.append('alerts', rec('k', value)).catch(() => undefined)
        if (taken) return taken
      }
    }

    it('fails an append within its bound while the broker neither answers nor hangs up, and goes on afterwards', async () => {
      const log = await openAt(newPrefix(), { timeoutMs: 500 })
      const first = await log.append('alerts', rec('k', 'first'))
      await kafka.freeze()
      const lost = log.append('alerts', rec('k', 'in doubt'))
      await expect(lost).rejects.toMatchObject({ name: 'EventLogError', definite: false })
      const waiting = numbers(3).map((n) => log.append('alerts', rec('k', `never sent ${n}`)))
      for (const outcome of await Promise.allSettled(waiting))
        expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'EventLogError' } })
      await expect(log.check()).rejects.toThrow('Kafka')
      kafka.thaw()
      const last = await untilTaken(log, 'last')
      await log.check()
      const kept = await everything(log, 'alerts')
      expect(kept.find(({ offset }) => offset === first.offset)).toMatchObject({ key: 'k' })
      expect(text(kept.find(({ offset }) => offset === last.offset) as LogRecord)).toBe('last')
      for (const value of new Set(kept.map(text))) expect(kept.filter((each) => text(each) === value)).toHaveLength(1)
      await log.close()
    })

    it('keeps what it acknowledged when the broker is killed, and its consumers go on when it is back', async () => {
      const log = await openAt(newPrefix(), { timeoutMs: 1000, sessionMs: 20_000 })
      const [seen, tailed] = [new Seen<string>(), new Seen<string>()]
      const consumer = committing(log, seen)
      const tail = log.tail({ topic: 'alerts' }, (records) => tailed.add(...records.map(text)))
      await Promise.all([consumer.ready, tail.ready])
      const taken = new Set<string>()
      for (const n of numbers(20)) taken.add(`${n} ${(await log.append('alerts', rec('k', `${n}`))).offset}`)
      await seen.count(20)
      await kafka.kill()
      await expect(log.append('alerts', rec('k', 'down'))).rejects.toMatchObject({ name: 'EventLogError' })
      await kafka.start()
      const after = await untilTaken(log, 'after')
      await Promise.all([seen, tailed].map((each) => each.until((all) => all.includes('after'))))
      const kept = await everything(log, 'alerts')
      for (const each of taken) expect(kept.map((record) => `${text(record)} ${record.offset}`)).toContain(each)
      expect(new Set(seen.all).size).toBe(seen.all.length)
      const last = (await everything(log, 'alerts')).at(-1)
      await seen.until((all) => all.includes(text(last as LogRecord)))
      await consumer.stop()
      expect((await log.committed('g', 'alerts')).get(0)?.offset).toBeGreaterThan(after.offset)
      await log.close()
    })
  })

  it('ends the consumer of a member that was taken for dead, and lets it commit nothing', async () => {
    const prefix = newPrefix()
    const log = await openAt(prefix)
    let held: Promise<unknown> | undefined
    const revoked: number[] = []
    const assigned = new Seen<number>()
    const consumer = log.consume(
      { group: 'g', topic: 'alerts' },
      {
        assigned: async ({ partition }) => assigned.add(partition),
        batch: (partition, records) => {
          held = expelAll(admin, kafka.brokers, `${prefix}g.alerts`).then(() =>
            partition.commit((records.at(-1)?.offset ?? 0) + 1),
          )
          return held as Promise<void>
        },
        revoked: async ({ partition }) => void revoked.push(partition),
      },
    )
    await assigned.count(1)
    await log.append('alerts', rec('k', ''))
    await expect(consumer.done).rejects.toMatchObject({ name: 'EventLogError' })
    await expect(held).rejects.toMatchObject({ definite: true })
    expect(revoked).toEqual([])
    expect((await log.committed('g', 'alerts')).size).toBe(0)
    await log.close()
  })

  it('speaks TLS with a name and a password, and is refused with another', async () => {
    const { brokers, ca, sasl } = kafka.secured
    const prefix = newPrefix()
    const log = await openAt(prefix, { brokers, ssl: { ca }, sasl })
    const seen = new Seen<string>()
    const consumer = log.consume(
      { group: 'g', topic: 'alerts' },
      { batch: async (_, records) => seen.add(...records.map(text)) },
    )
    await log.append('alerts', rec('k', 'over TLS'))
    expect(await seen.count(1)).toEqual(['over TLS'])
    await consumer.stop()
    await log.close()
    const wrong = { ...sasl, password: 'wrong' }
    await expect(openAt(prefix, { brokers, ssl: { ca }, sasl: wrong })).rejects.toThrow(/cannot be used.*credentials/)
    await expect(openAt(prefix, { brokers, ssl: true, sasl })).rejects.toThrow(/cannot be used.*certificate/)
  })

  it('says in a sentence when no broker can be reached', async () => {
    const nobody = openKafkaEventLog({ brokers: ['127.0.0.1:1'], clientId: 'test', timeoutMs: 200 })
    await expect(nobody).rejects.toThrow('Kafka at 127.0.0.1:1 cannot be used')
  })
})

/** what the coordinator does after silence, at once: the members of a group are put out of it */
const expelAll = async (admin: Admin, brokers: string[], groupId: string): Promise<void> => {
  const { cluster } = await Client.open({
    brokers,
    clientId: 'test',
    timeoutMs: 2000,
    prefix: groupId.replace('g.alerts', ''),
  })
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  const { groups } = await admin.describeGroups([groupId])
  for (const { memberId } of groups[0]?.members ?? []) await coordinator.leaveGroup({ groupId, memberId })
  await cluster.disconnect()
}
