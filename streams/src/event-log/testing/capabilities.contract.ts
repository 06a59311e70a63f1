import { expect, it } from '@jest/globals'
import { EventLogError } from '../event-log.js'
import type { Capabilities, NewRecord } from '../event-log.js'
import { everything, numbers, rec, text } from './values.js'
import type { LogWorld } from './world.js'

/** What an adapter declares is held against it both ways. */
export const capabilitiesContract = (
  { open }: LogWorld,
  { atomicAcrossPartitions, clock }: Capabilities,
  failsMidway: () => Promise<NewRecord>,
): void => {
  const topic = 'access-events'
  const appendMidway = async () => {
    const log = await open()
    const bad = await failsMidway()
    const good = numbers(20).map((n) => rec(`key ${n}`, `${n}`))
    const failure: unknown = await log.appendAll(topic, [...good, bad]).catch((error: unknown) => error)
    const goodOnes = new Set(good.map(text))
    const kept = (await everything(log, topic)).map(text).filter((value) => goodOnes.has(value))
    // the log goes on, at the offsets that follow
    for (const key of ['a', 'b', 'c', 'd']) await log.append(topic, rec(key, 'after'))
    const after = (await everything(log, topic)).map(text).filter((value) => value === 'after')
    expect(after).toHaveLength(4)
    return { failure, kept }
  }

  if (atomicAcrossPartitions)
    it('has nothing of a batch that failed midway, whatever its partitions', async () => {
      const { failure, kept } = await appendMidway()
      expect(failure).toBeInstanceOf(Error)
      expect(kept).toEqual([])
    })
  else
    it('may have the whole parts of some partitions of a batch that failed midway, and then does not claim otherwise', async () => {
      const { failure, kept } = await appendMidway()
      expect(failure).toBeInstanceOf(EventLogError)
      expect(failure).toMatchObject({ definite: false })
      expect(kept.length).toBeGreaterThan(0)
      expect(kept.length).toBeLessThan(20)
    })

  if (clock === 'process')
    it("never lets appendedAt run backwards within a partition, even when the machine's clock does", async () => {
      const clock = [Date.now(), Date.now() - 60_000, Date.now() + 5_000, Date.now() - 1]
      const log = await open({ now: () => clock.shift() ?? 0 })
      for (const n of numbers(6)) await log.append('alerts', rec('k', `${n}`))
      const times = (await everything(log, 'alerts')).map(({ appendedAt }) => appendedAt)
      expect(times).toHaveLength(6)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    })
  else
    it('stamps records with the time of the servers, whatever the process believes', async () => {
      const log = await open()
      const { now } = Date
      Date.now = () => 1
      try {
        await log.append('alerts', rec('k', 'a'))
      } finally {
        Date.now = now
      }
      await log.append('alerts', rec('k', 'b'))
      const [first, second] = (await everything(log, 'alerts')).map(({ appendedAt }) => appendedAt)
      expect(first).toBeGreaterThan(1)
      expect(second).toBeGreaterThanOrEqual(first ?? Infinity)
    })
}
