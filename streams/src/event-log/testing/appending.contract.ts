import { expect, it } from '@jest/globals'
import { EventLogError, MAX_VALUE_BYTES } from '../event-log.js'
import { everything, numbers, rec, text } from './values.js'
import type { LogWorld } from './world.js'

export const appendingContract = ({ open, peer }: LogWorld): void => {
  it('keeps what it acknowledged when every process is killed', async () => {
    const writers = [await peer(), await peer()]
    writers.forEach((writer, w) =>
      writer.order({ do: 'append for ever', topic: 'access-events', keys: numbers(8).map((k) => `${w}-${k}`) }),
    )
    await Promise.all(writers.map((writer) => writer.told('appended', 300)))
    await Promise.all(writers.map((writer) => writer.kill()))
    const acknowledged = (await Promise.all(writers.map((writer) => writer.told('appended', 0)))).flat()
    const kept = new Map(
      (await everything(await open(), 'access-events')).map((r) => [`${r.partition}/${r.offset}`, text(r)]),
    )
    for (const { partition, offset, value } of acknowledged) expect(kept.get(`${partition}/${offset}`)).toBe(value)
    expect(new Set(kept.values()).size).toBe(kept.size)
  })

  it('has nothing of an append that it definitely refused', async () => {
    const log = await open()
    const tooLarge = { key: 'a', value: Buffer.alloc(MAX_VALUE_BYTES + 1) }
    await expect(log.append('alerts', tooLarge)).rejects.toMatchObject({ name: 'EventLogError', definite: true })
    await log.close()
    await expect(log.append('alerts', rec('a', 'late'))).rejects.toMatchObject({
      name: 'EventLogError',
      definite: true,
    })
    expect(await everything(await open(), 'alerts')).toEqual([])
  })

  it('takes a batch as a whole or not at all', async () => {
    const log = await open()
    const bad = [rec('a', '1'), rec('b', '2'), { key: 'c', value: Buffer.alloc(MAX_VALUE_BYTES + 1) }]
    await expect(log.appendAll('access-events', bad)).rejects.toBeInstanceOf(EventLogError)
    expect(await everything(log, 'access-events')).toEqual([])
    const positions = await log.appendAll(
      'access-events',
      numbers(20).map((n) => rec(`key ${n}`, `${n}`)),
    )
    const kept = new Map((await everything(log, 'access-events')).map((r) => [`${r.partition}/${r.offset}`, text(r)]))
    expect(positions.map(({ partition, offset }) => kept.get(`${partition}/${offset}`))).toEqual(
      numbers(20).map(String),
    )
    expect(await log.appendAll('access-events', [])).toEqual([])
  })

  it('gives back key, exact bytes and headers, and says by which version of its schema a record is to be read', async () => {
    const log = await open()
    const value = Buffer.from(numbers(256))
    const position = await log.append('alerts', { key: '张三/é', value, headers: { trace: 'ü' } })
    const [kept] = await everything(log, 'alerts')
    expect(kept).toMatchObject({ topic: 'alerts', key: '张三/é', headers: { trace: 'ü' }, ...position })
    expect(kept?.headers).toEqual({ trace: 'ü', 'schema-version': '1' })
    await log.append('alerts', { key: 'b', value, headers: { 'schema-version': '7' } })
    expect((await everything(log, 'alerts'))[1]?.headers).toEqual({ 'schema-version': '7' })
    expect(Buffer.from(kept?.value ?? [])).toEqual(value)
  })

  it('keeps the records of one key in one partition and in order, across restarts', async () => {
    const partitions = new Set<number>()
    for (const run of numbers(3)) {
      const log = await open()
      for (const n of numbers(10))
        partitions.add((await log.append('access-events', rec('li', `${run}.${n}`))).partition)
      await log.close()
    }
    expect(partitions.size).toBe(1)
    const kept = (await everything(await open(), 'access-events')).map(text)
    expect(kept).toEqual(numbers(3).flatMap((run) => numbers(10).map((n) => `${run}.${n}`)))
  })

  it('places keys as Kafka does, so that a log can move between adapters', async () => {
    const log = await open()
    const places = ['21', 'foobar', 'a-little-bit-long-string', 'lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8']
    const partitions = await Promise.all(places.map((key) => log.append('access-events', rec(key, ''))))
    // murmur2 of these keys as in Kafka's own UtilsTest
    const hashes = [-973932308, -790332482, -985981536, -58897971]
    expect(partitions.map(({ partition }) => partition)).toEqual(hashes.map((hash) => (hash & 0x7fffffff) % 6))
  })

  it('counts the offsets of a partition up by one, whoever appends', async () => {
    const [here, there] = [await open(), await peer()]
    there.order({ do: 'append', topic: 'alerts', key: 'k', values: numbers(100).map(String) })
    await Promise.all(numbers(100).map((n) => here.append('alerts', rec('k', `here ${n}`))))
    await there.told('appended', 100)
    expect((await everything(here, 'alerts')).map(({ offset }) => offset)).toEqual(numbers(200))
  })

  it('takes many appends at once, each in its place', async () => {
    const log = await open()
    const positions = await Promise.all(
      numbers(3000).map((n) => log.append('access-events', rec(`k${n % 40}`, `${n}`))),
    )
    const kept = new Map((await everything(log, 'access-events')).map((r) => [`${r.partition}/${r.offset}`, text(r)]))
    positions.forEach(({ partition, offset }, n) => expect(kept.get(`${partition}/${offset}`)).toBe(`${n}`))
    expect(kept.size).toBe(3000)
  })

  it('keeps at least the newest record of every key of a compacted topic, at its offset', async () => {
    const log = await open()
    const topic = 'detection-snapshots'
    for (const n of numbers(5)) for (const key of ['a', 'b']) await log.append(topic, rec(key, `${key}${n}`))
    const newest = new Map((await everything(log, topic)).map((record) => [record.key, record]))
    expect([...newest.values()].map((record) => [text(record), record.offset])).toEqual([
      ['a4', 8],
      ['b4', 9],
    ])
    expect((await log.append(topic, rec('c', 'c'))).offset).toBe(10)
  })

  it('checks that an append would be durable now, and says so when not', async () => {
    const log = await open()
    await log.check()
    expect(await everything(log, 'access-events')).toEqual([])
    await log.close()
    await expect(log.check()).rejects.toThrow(/\w+ .*\.$/)
  })
}
