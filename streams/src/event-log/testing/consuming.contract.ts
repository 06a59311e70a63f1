import { expect, it } from '@jest/globals'
import type { Consumer, EventLog, OwnedPartition, PartitionHandler } from '../event-log.js'
import { Seen } from './seen.js'
import { numbers, rec, text } from './values.js'
import type { LogWorld } from './world.js'

const topic = 'access-events'
const group = 'landing'
const partitions = numbers(6)
const byNumber = (a: number, b: number) => a - b

/** A member that notes what happens to it and commits each batch. */
const member = (log: EventLog, handler: Partial<PartitionHandler> = {}) => {
  const seen = new Seen<string>()
  const owned = new Map<number, OwnedPartition>()
  const changes = new Seen<string>()
  const consumer: Consumer = log.consume(
    { group, topic },
    {
      assigned: async (partition) => {
        owned.set(partition.partition, partition)
        changes.add(`+${partition.partition}`)
        return handler.assigned?.(partition)
      },
      revoked: async (partition) => {
        await handler.revoked?.(partition)
        owned.delete(partition.partition)
        changes.add(`-${partition.partition}`)
      },
      batch: async (partition, records) => {
        await handler.batch?.(partition, records)
        const last = records.at(-1)
        if (last) await partition.commit(last.offset + 1, `after ${text(last)}`)
        seen.add(...records.map(text))
      },
    },
  )
  return { consumer, seen, owned, changes, has: () => [...owned.keys()].sort(byNumber) }
}

const fill = (log: EventLog, from: number, n: number) =>
  log.appendAll(
    topic,
    numbers(n).map((i) => rec(`key ${from + i}`, `${from + i}`)),
  )

export const consumingContract = ({ open, peer }: LogWorld): void => {
  it('gives every record to one member of a group, and keeps what was committed with its note', async () => {
    const log = await open()
    await fill(log, 0, 60)
    const one = member(log)
    await one.seen.count(60)
    await one.consumer.stop()
    expect([...one.seen.all].sort()).toEqual(numbers(60).map(String).sort())
    const committed = await log.committed(group, topic)
    const ends = (await log.range(topic)).filter(({ end }) => end > 0)
    expect([...committed].map(([partition, { offset }]) => [partition, offset])).toEqual(
      ends.map((r) => [r.partition, r.end]),
    )
    expect([...committed.values()].every(({ metadata }) => metadata?.startsWith('after '))).toBe(true)
  })

  it('shares the partitions of a topic between two members, each owned by one at a time', async () => {
    const [log, other] = [await open(), await open()]
    const all = new Seen<string>()
    const held = new Set<number>()
    const heldTwice: number[] = []
    const watched: Partial<PartitionHandler> = {
      assigned: async ({ partition }) => {
        if (held.has(partition)) heldTwice.push(partition)
        held.add(partition)
      },
      revoked: async ({ partition }) => void held.delete(partition),
      batch: async (_, records) => all.add(...records.map(text)),
    }
    const one = member(log, watched)
    await one.changes.count(6)
    await fill(log, 0, 50)
    const two = member(other, watched)
    await two.changes.count(3)
    expect(one.has()).toHaveLength(3)
    expect([...one.has(), ...two.has()].sort(byNumber)).toEqual(partitions)
    await fill(log, 50, 50)
    expect([...(await all.count(100))].sort()).toEqual(numbers(100).map(String).sort())
    await two.consumer.stop()
    await one.changes.until(() => one.has().length === 6)
    expect(heldTwice).toEqual([])
  })

  it('passes nothing over and repeats nothing while members come and go', async () => {
    const [log, other] = [await open(), await open()]
    const all = new Seen<string>()
    let filled = 0
    const fillMore = async () => {
      await fill(log, filled, 20)
      filled += 20
    }
    const join = async (at: EventLog) => {
      const joined = member(at, { batch: async (_, records) => all.add(...records.map(text)) })
      await fillMore() // while it is joining
      await joined.changes.count(1)
      return joined.consumer
    }
    const [one, two, three] = [await join(log), await join(other), await join(log)]
    await Promise.all([one.stop(), fillMore()])
    const four = await join(other)
    await Promise.all([two.stop(), three.stop(), fillMore()])
    await fillMore()
    await all.until((seen) => new Set(seen).size === filled)
    await four.stop()
    expect([...all.all].sort()).toEqual(numbers(filled).map(String).sort())
  })

  it('gives what a killed process owned to the others, which read again what it had not committed', async () => {
    const [log, doomed] = [await open(), await peer()]
    doomed.order({ do: 'consume', group, topic, commit: false })
    await doomed.told('assigned', 6)
    await fill(log, 0, 40)
    await doomed.told('read', 40)
    const one = member(log)
    await doomed.told('revoked', 3)
    await one.changes.until(() => one.has().length === 3)
    await doomed.kill()
    await one.changes.until(() => one.has().length === 6)
    expect([...(await one.seen.count(40))].sort()).toEqual(numbers(40).map(String).sort())
  })

  it('starts a new owner at what was committed by the one before', async () => {
    const [log, before] = [await open(), await peer()]
    before.order({ do: 'consume', group, topic, commit: true })
    await before.told('assigned', 6)
    await fill(log, 0, 30)
    await before.told('read', 30)
    before.order({ do: 'close' })
    await before.told('closed', 1)
    const one = member(log)
    await one.changes.count(6)
    await fill(log, 30, 10)
    expect([...(await one.seen.count(10))].sort()).toEqual(numbers(10).map((n) => `${n + 30}`))
  })

  it('refuses everything about a partition to a member that lost it', async () => {
    const [log, other] = [await open(), await open()]
    await fill(log, 0, 30)
    const one = member(log)
    await one.seen.count(30)
    const former = one.owned.get(0)
    await one.consumer.stop()
    expect(former?.signal.aborted).toBe(true)
    await expect(former?.commit(0)).rejects.toMatchObject({ name: 'EventLogError', definite: true })
    const two = member(other)
    await two.changes.count(6)
    await expect(former?.commit(0)).rejects.toMatchObject({ definite: true })
    await expect(former?.committed()).rejects.toThrow()
    await expect(former?.end()).rejects.toThrow()
    expect((await log.committed(group, topic)).get(0)?.offset).toBe((await log.range(topic))[0]?.end)
  })

  it('starts where `assigned` says, and replays without moving anything', async () => {
    const log = await open()
    await log.appendAll(
      'alerts',
      numbers(10).map((n) => rec('k', `${n}`)),
    )
    const seen = new Seen<string>()
    const consumer = log.consume(
      { group, topic: 'alerts', maxBatch: 3 },
      {
        assigned: async (partition) => {
          for await (const record of partition.read(2, 5)) seen.add(`replayed ${text(record)}`)
          expect(await partition.committed()).toBeUndefined()
          return (await partition.end()) - 3
        },
        batch: async (_, records) => seen.add(...records.map(text)),
      },
    )
    expect(await seen.count(6)).toEqual(['replayed 2', 'replayed 3', 'replayed 4', '7', '8', '9'])
    await consumer.stop()
    expect((await log.committed(group, 'alerts')).size).toBe(0)
  })

  it('calls `revoked` once, after the last batch, while it may still commit', async () => {
    const log = await open()
    const revoked: number[] = []
    const one = member(log, {
      revoked: async (partition) => {
        revoked.push(partition.partition)
        await partition.commit(await partition.end(), 'snapshot')
      },
    })
    await fill(log, 0, 30)
    await one.seen.count(30)
    await one.consumer.stop()
    expect(revoked.sort(byNumber)).toEqual(partitions)
    expect([...(await log.committed(group, topic)).values()].map(({ metadata }) => metadata)).toEqual(
      partitions.map(() => 'snapshot'),
    )
  })

  it('stops when the handler rejects, and passes nothing over', async () => {
    const log = await open()
    await log.appendAll(
      'alerts',
      numbers(5).map((n) => rec('k', `${n}`)),
    )
    const seen = new Seen<string>()
    const consume = (poison: boolean) =>
      log.consume(
        { group, topic: 'alerts', maxBatch: 1 },
        {
          batch: async (partition, [record]) => {
            if (!record) return
            if (poison && record.offset === 2) throw new Error('cannot digest')
            seen.add(text(record))
            await partition.commit(record.offset + 1)
          },
        },
      )
    await expect(consume(true).done).rejects.toThrow('cannot digest')
    expect(seen.all).toEqual(['0', '1'])
    const again = consume(false)
    expect(await seen.count(5)).toEqual(['0', '1', '2', '3', '4'])
    await again.stop()
  })

  it('wakes a consumer in another process', async () => {
    const [log, there] = [await open(), await peer()]
    there.order({ do: 'consume', group, topic, commit: true })
    await there.told('assigned', 6)
    for (const n of numbers(20)) {
      await log.append(topic, rec(`k${n}`, `${n}`))
      await there.told('read', n + 1)
    }
  })

  it('lets groups read the same topic without knowing of each other', async () => {
    const log = await open()
    await fill(log, 0, 20)
    const seen = { a: new Seen<string>(), b: new Seen<string>() }
    for (const name of ['a', 'b'] as const)
      log.consume({ group: name, topic }, { batch: async (_, records) => seen[name].add(...records.map(text)) })
    expect(await seen.a.count(20)).toHaveLength(20)
    expect(await seen.b.count(20)).toHaveLength(20)
  })
}
