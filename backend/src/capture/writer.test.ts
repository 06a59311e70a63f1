import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { topics, type AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { EventLogError, openEmbeddedEventLog, partitionOf, type EventLog } from '@custodia/streams/event-log'
import { Writer } from './writer.js'

interface Written {
  partition: number
  offset: number
  event: AccessEvent
  bytes: Uint8Array
}

const patience = 30_000
const partitionOfActor = (actor: string): number => partitionOf('access-events', actor)
/** clerks of two partitions */
const [here, there] = ['clerk-1', 'clerk-2'] as const

let dir: string
let log: EventLog
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-writer-'))
  log = await openEmbeddedEventLog({ dir })
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

async function written(): Promise<Written[]> {
  const all: Written[] = []
  for (const { partition, start, end } of await log.range('access-events'))
    for await (const { value, offset } of log.read('access-events', partition, start, end))
      all.push({ partition, offset, event: JSON.parse(Buffer.from(value).toString()) as AccessEvent, bytes: value })
  return all.sort((a, b) => (a.event.seq ?? 0) - (b.event.seq ?? 0))
}

/** Each writer's events number from 0 without gaps, and each hashes the exact bytes before it. */
function expectChains(all: Written[]): number {
  const writers = new Set(all.map(({ event }) => event.writer))
  for (const writer of writers) {
    let prev = '0'.repeat(64)
    const own = all.filter(({ event }) => event.writer === writer)
    own.forEach(({ event, bytes }, i) => {
      expect(event).toMatchObject({ seq: i, prev })
      prev = createHash('sha256').update(bytes).digest('hex')
    })
  }
  return writers.size
}

describe('Writer', () => {
  it('numbers and chains what many requests append at once', async () => {
    const writer = new Writer(log, patience)
    const actors = Array.from({ length: 300 }, (_, i) => `clerk-${i % 17}`)
    await Promise.all(actors.map((actor) => writer.append([anAccessEvent({ actor })])))
    const all = await written()
    expect(all).toHaveLength(300)
    expect(expectChains(all)).toBe(new Set(actors.map(partitionOfActor)).size)
    const places = new Set(all.map(({ event, partition }) => `${event.writer}/${partition}`))
    expect(places.size).toBe(new Set(all.map(({ event }) => event.writer)).size) // each chain in one partition
  })

  it('returns for each event where it stands, in the order given', async () => {
    const writer = new Writer(log, patience)
    const batches = [1, 3, 2].map((n) => Array.from({ length: n }, () => anAccessEvent({ actor: 'one' })))
    const positions = await Promise.all(batches.map((events) => writer.append(events)))
    expect(positions.map((p) => p.map(({ offset }) => offset))).toEqual([[0], [1, 2, 3], [4, 5]])
    const [first] = await written()
    expect(topics['access-events'].value.safeParse(first?.event).success).toBe(true)
  })

  it('begins a new chain after an append whose outcome nobody knows', async () => {
    let fail = false
    // The log as it is; a failing append may have been written all the same, which is the hard case.
    const doubtful: EventLog = Object.assign(Object.create(log) as EventLog, {
      appendAll: async (...args: Parameters<EventLog['appendAll']>) => {
        const positions = await log.appendAll(...args)
        if (fail) throw new EventLogError('no answer in time', false)
        return positions
      },
    })
    const writer = new Writer(doubtful, patience)
    await writer.append([anAccessEvent(), anAccessEvent()])
    fail = true
    const lost = [writer.append([anAccessEvent()]), writer.append([anAccessEvent()])]
    expect((await Promise.allSettled(lost)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fail = false
    await writer.append([anAccessEvent()])
    const all = await written()
    expect(all).toHaveLength(5)
    expect(expectChains(all)).toBe(3)
  })

  it('keeps the events of one append together, even when they are more than a batch', async () => {
    const writer = new Writer(log, patience)
    const many = Array.from({ length: 1200 }, () => anAccessEvent({ actor: 'exporter' }))
    const one = [anAccessEvent({ actor: 'exporter' })]
    const [small, large] = await Promise.all([writer.append(one), writer.append(many)])
    expect([small.length, large.length]).toEqual([1, 1200])
    expect(expectChains(await written())).toBe(1)
  })

  it('returns where events of many actors stand, in the order given', async () => {
    const writer = new Writer(log, patience)
    const events = Array.from({ length: 50 }, (_, i) => anAccessEvent({ actor: `clerk-${i % 7}` }))
    const positions = await writer.append(events)
    const all = await written()
    events.forEach(({ id, actor }, i) => {
      const { partition, offset } = positions[i]!
      expect(partition).toBe(partitionOfActor(actor!))
      expect(all.find(({ event }) => event.id === id)).toMatchObject({ partition, offset })
    })
  })

  it('goes on in one partition while another answers nothing, and ends that one chain only', async () => {
    expect(partitionOfActor(here)).not.toBe(partitionOfActor(there))
    const gate = Promise.withResolvers<void>()
    let closed = false
    const oneStuck: EventLog = Object.assign(Object.create(log) as EventLog, {
      appendAll: async (...[topic, records]: Parameters<EventLog['appendAll']>) => {
        if (closed && records[0]?.key === here) {
          await gate.promise
          throw new EventLogError('no answer in time', false)
        }
        return log.appendAll(topic, records)
      },
    })
    const writer = new Writer(oneStuck, patience)
    const append = (actor: string) => writer.append([anAccessEvent({ actor })])
    await Promise.all([append(here), append(there)])
    closed = true
    const stuck = append(here)
    stuck.catch(() => undefined)
    await append(there)
    await append(there)
    gate.resolve()
    await expect(stuck).rejects.toThrow('no answer in time')
    closed = false
    await Promise.all([append(here), append(there)])
    const all = await written()
    expectChains(all)
    const writersOf = (actor: string) =>
      new Set(all.filter(({ event }) => event.actor === actor).map(({ event }) => event.writer))
    expect([writersOf(here).size, writersOf(there).size]).toEqual([2, 1])
  })

  it('is told of a failure in one partition only when nothing of the append is on its way any more', async () => {
    let elsewhere = false
    const oneFails: EventLog = Object.assign(Object.create(log) as EventLog, {
      appendAll: async (...[topic, records]: Parameters<EventLog['appendAll']>) => {
        if (records[0]?.key === here) throw new EventLogError('no room', true)
        const positions = await log.appendAll(topic, records)
        elsewhere = true
        return positions
      },
    })
    const events = [anAccessEvent({ actor: here }), anAccessEvent({ actor: there })]
    await expect(new Writer(oneFails, patience).append(events)).rejects.toThrow('no room')
    expect(elsewhere).toBe(true)
  })
})
