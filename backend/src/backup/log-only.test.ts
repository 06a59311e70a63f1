import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { verifyWriterChains } from '@custodia/streams/integrity'
import { pino } from 'pino'
import type { Config } from '../config.js'
import { customers } from '../record-store/schema.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import type { TestPerson } from '../testing/people.js'
import { findBackup } from './find-backup.js'
import { inNewPlace } from './place.js'
import { restoreLog } from './restore-backup.js'
import { startBackedUp, type BackedUp } from './testing/backed-up.js'
import { accessesByKind } from './testing/release-backup.js'
import { startRestored, type RestoredSystem } from './testing/restored-system.js'

describe('an installation whose event log was lost with the audit store', () => {
  let source: BackedUp
  let config: Config
  let system: RestoredSystem | undefined
  let person: TestPerson
  let known: KeptCustomer
  let before: Record<string, number>
  const later: string[] = []

  const restored = async () => {
    const id = await findBackup(source.target, undefined)
    const say = () => undefined
    const logger = pino({ level: 'silent' })
    return inNewPlace(config, say, () => restoreLog({ config, target: source.target, id, logger, say }))
  }

  beforeAll(async () => {
    source = await startBackedUp()
    person = await source.gateway.person('staff')
    // somebody else: a third code of one person within one step of the clock would be refused
    const colleague = await source.gateway.person('staff')
    const clerk = source.gateway.stranger(person)
    await clerk.signIn(person)
    known = await newCustomer(clerk)
    await clerk.ok('photoView', { params: { id: known.photo }, query: { purpose: 'contract' } })
    await source.gateway.settled()
    before = await accessesByKind(source.gateway.audit)
    await source.backup()
    config = (await source.restore()).config

    // It works on, and has customers that no backup knows, when its log is lost.
    system = await startRestored(config)
    const again = system.stranger(colleague)
    await again.signIn(colleague)
    later.push((await newCustomer(again)).id)
    await system.settled()
    await system.stop()
    system = undefined
  }, 300_000)
  afterAll(async () => {
    await system?.stop()
    await source?.stop()
  })

  it('is refused while either of them holds anything', async () => {
    await expect(restored()).rejects.toThrow('The audit store is not empty')
    await rm(join(config.dataDir, 'clickhouse'), { recursive: true })
    await expect(restored()).rejects.toThrow(/not empty/)
    await rm(join(config.dataDir, 'log'), { recursive: true })
    await rm(join(config.dataDir, 'clickhouse'), { recursive: true, force: true })
  }, 120_000)

  it('has both back as they were at the backup, and its records as they are now', async () => {
    const counts = await restored()
    expect(counts['accesses']).toBeGreaterThanOrEqual(Object.values(before).reduce((sum, n) => sum + n, 0))
    system = await startRestored(config)
    expect(await accessesByKind(system.audit)).toMatchObject(before)
    const rows = await system.records.db.select({ id: customers.id }).from(customers)
    expect(rows.map(({ id }) => id).sort()).toEqual([known.id, ...later].sort())
  }, 120_000)

  it('works on: photos open, what is done is written down behind the last record, and the proof holds', async () => {
    const clerk = system!.stranger(person)
    await clerk.signIn(person)
    const { status } = await clerk.call('photoView', { params: { id: known.photo }, query: { purpose: 'contract' } })
    expect(status).toBe(200)
    await newCustomer(clerk)
    await system!.settled()
    expect((await accessesByKind(system!.audit))['create granted']).toBe((before['create granted'] ?? 0) + 1)
    const events: Buffer[] = []
    for (const { partition, start, end } of await system!.log.range('access-events'))
      for await (const { value } of system!.log.read('access-events', partition, start, end))
        events.push(Buffer.from(value))
    expect((await verifyWriterChains(events)).problems).toEqual([])
  }, 120_000)
})
