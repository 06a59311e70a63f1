import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { topics, type AccessEvent } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { EventLogError, openEmbeddedEventLog, type EventLog } from '@custodia/streams/event-log'
import { Writer } from './writer.js'

interface Written {
  event: AccessEvent
  bytes: Uint8Array
}

const patience = 30_000

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
    for await (const { value } of log.read('access-events', partition, start, end))
      all.push({ event: JSON.parse(Buffer.from(value).toString()) as AccessEvent, bytes: value })
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
    expect(expectChains(all)).toBe(1)
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
    const [small, large] = await Promise.all([writer.append([anAccessEvent()]), writer.append(many)])
    expect([small.length, large.length]).toEqual([1, 1200])
    expect(expectChains(await written())).toBe(1)
  })
})
