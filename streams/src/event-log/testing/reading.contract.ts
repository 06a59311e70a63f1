import { expect, it } from '@jest/globals'
import type { LogRecord } from '../event-log.js'
import { Seen } from './seen.js'
import { numbers, rec, text } from './values.js'
import type { LogWorld } from './world.js'

export const readingContract = ({ open, peer }: LogWorld): void => {
  it('reads a range of one partition, and tells where partitions start and end', async () => {
    const log = await open()
    for (const n of numbers(1200)) void log.append('alerts', rec('k', `${n}`))
    await log.append('alerts', rec('k', '1200'))
    const values: string[] = []
    for await (const record of log.read('alerts', 0, 400, 1100)) values.push(text(record))
    expect(values).toEqual(numbers(700).map((n) => `${n + 400}`))
    expect(await log.range('alerts')).toEqual([{ partition: 0, start: 0, end: 1201 }])
    expect(await log.range('verdicts')).toEqual(numbers(6).map((partition) => ({ partition, start: 0, end: 0 })))
  })

  it('tails from the end: every record from then on, in order', async () => {
    const log = await open()
    await log.append('alerts', rec('k', 'before'))
    const seen = new Seen<LogRecord>()
    const tail = log.tail({ topic: 'alerts' }, (records) => seen.add(...records))
    await tail.ready
    for (const n of numbers(50)) await log.append('alerts', rec('k', `${n}`))
    expect((await seen.count(50)).map(text)).toEqual(numbers(50).map(String))
    await tail.stop()
  })

  it('tails from given offsets, in small batches, one call at a time', async () => {
    const log = await open()
    await log.appendAll(
      'alerts',
      numbers(10).map((n) => rec('k', `${n}`)),
    )
    const seen = new Seen<LogRecord>()
    let calls = 0
    const tail = log.tail({ topic: 'alerts', from: { 0: 4 }, maxBatch: 2 }, async (records) => {
      expect(records.length).toBeLessThanOrEqual(2)
      expect(++calls).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      calls--
      seen.add(...records)
    })
    expect((await seen.count(6)).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8, 9])
    await tail.stop()
  })

  it('lets every tail see every record: no group', async () => {
    const [one, other] = [await open(), await open()]
    const seen = [new Seen<LogRecord>(), new Seen<LogRecord>()]
    const tails = [one, other].map((log, i) => log.tail({ topic: 'verdicts' }, (records) => seen[i]?.add(...records)))
    await Promise.all(tails.map((tail) => tail.ready))
    await one.appendAll(
      'verdicts',
      numbers(30).map((n) => rec(`k${n}`, '')),
    )
    for (const each of seen) expect(await each.count(30)).toHaveLength(30)
  })

  it('wakes a tail in another process, and is woken by it', async () => {
    const [here, there] = [await open(), await peer()]
    there.order({ do: 'tail', topic: 'verdicts' })
    await there.told('ready', 2)
    const seen = new Seen<LogRecord>()
    await here.tail({ topic: 'alerts' }, (records) => seen.add(...records)).ready
    for (const n of numbers(20)) {
      await here.append('verdicts', rec('k', `${n}`))
      await there.told('read', n + 1) // each alone: nothing else would bring it
      there.order({ do: 'append', topic: 'alerts', key: 'k', values: [`${n}`] })
      await seen.count(n + 1)
    }
  })

  it('brings what a process appended that was killed before it could tell', async () => {
    const here = await open()
    const seen = new Seen<LogRecord>()
    await here.tail({ topic: 'alerts' }, (records) => seen.add(...records)).ready
    for (const n of numbers(5)) (await peer()).order({ do: 'append and die', topic: 'alerts', key: 'k', value: `${n}` })
    expect((await seen.count(5)).map(text).sort()).toEqual(numbers(5).map(String))
  })

  it('ends a tail whose receiver fails, and tells why', async () => {
    const log = await open()
    const tail = log.tail({ topic: 'alerts' }, () => Promise.reject(new Error('no room')))
    await tail.ready
    await log.append('alerts', rec('k', ''))
    await expect(tail.done).rejects.toThrow('no room')
    await tail.stop()
  })
}
