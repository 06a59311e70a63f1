import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openPhotoStore } from '../adapters.module.js'
import { PHOTO_STORE } from '../adapters.js'
import { newCustomer } from '../testing/customers.js'
import { startBackedUp, type BackedUp } from './testing/backed-up.js'
import { missing, objectsOf, rowsOf } from './testing/comparison.js'
import { addCustomers } from './testing/many-customers.js'
import { startRestored } from './testing/restored-system.js'

const wanted = 10_000
const print = (line: string) => void process.stderr.write(`${line}\n`)

/** Its figures are printed and not judged: they are the machine's as much as ours. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await work()
  print(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

describe('ten thousand customers with photos', () => {
  let system: BackedUp
  beforeAll(async () => {
    system = await startBackedUp()
  }, 120_000)
  afterAll(() => system?.stop())

  it('are backed up while writes go on, and restored to an empty machine, every row and photo', async () => {
    const { gateway } = system
    const person = await gateway.person('staff')
    const clerk = gateway.stranger(person)
    await clerk.signIn(person)
    await timed(`${wanted} customers with a photo made`, () => addCustomers(gateway.app, person.account, wanted))
    await timed('landed', () => gateway.settled())
    const rows = await rowsOf(gateway.records)
    const objects = await objectsOf(gateway.records, gateway.app.get(PHOTO_STORE))

    let done = false
    let written = 0
    const writing = (async () => {
      for (; !done; written++) await newCustomer(clerk)
    })()
    const made = await timed('first backup, read back', () => system.backup()).finally(() => (done = true))
    await writing
    print(`written meanwhile: ${written} customers; backup: ${JSON.stringify(made.counts)}`)
    const again = await timed('second backup', () => system.backup())
    expect(again.counts['photo_objects_written']).toBeLessThanOrEqual(2 * written)

    const { config, counts } = await timed('restored and compared', () => system.restore())
    print(`restored: ${JSON.stringify(counts)}`)
    const restored = await startRestored(config)
    try {
      const gone = missing(rows, await rowsOf(restored.records))
      delete gone['sessions'] // ended by the restore
      delete gone['backup_runs']
      expect(gone).toEqual({})
      const found = await objectsOf(restored.records, await openPhotoStore(config))
      expect([...objects].filter(([key, hash]) => found.get(key) !== hash)).toEqual([])
      expect(objects.size).toBeGreaterThan(wanted * 1.9)
    } finally {
      await restored.stop()
    }
  }, 1_800_000)
})
