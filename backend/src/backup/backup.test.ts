import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readLog, verifyWriterChains } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { PHOTO_STORE } from '../adapters.js'
import { customers } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import type { TestPerson } from '../testing/people.js'
import { anIdNumber } from '../vault/testing/requests.js'
import { startBackedUp, type BackedUp } from './testing/backed-up.js'
import { missing, objectsOf, rowsOf } from './testing/comparison.js'
import { addCustomers } from './testing/many-customers.js'
import { startRestored, type RestoredSystem } from './testing/restored-system.js'

const wanted = 200
const planted = { name: '独孤求败甲', id_number: anIdNumber() }

describe('a system that is backed up while it works, and restored to an empty machine', () => {
  let system: BackedUp
  let restored: RestoredSystem
  let person: TestPerson
  let auditor: TestPerson
  let clerk: TestClient
  let known: KeptCustomer
  let rowsBefore: Map<string, Set<string>>
  let objectsBefore: Map<string, string>
  let period: { from: string; to: string }
  let restoredAt: { config: BackedUp['config'] }
  /** created one after the other while the backup was made */
  const during: string[] = []

  beforeAll(async () => {
    const from = new Date().toISOString()
    system = await startBackedUp()
    const { gateway } = system
    person = await gateway.person('staff')
    auditor = await gateway.person('auditor')
    clerk = gateway.stranger(person)
    await clerk.signIn(person)
    await addCustomers(gateway.app, person.account, wanted)
    known = await newCustomer(clerk, { over: planted })
    const victim = await newCustomer(clerk)
    await clerk.ok('photoView', { params: { id: known.photo }, query: { purpose: 'contract' } })
    await gateway.settled()
    period = { from, to: new Date().toISOString() }
    rowsBefore = await rowsOf(gateway.records)
    objectsBefore = await objectsOf(gateway.records, gateway.app.get(PHOTO_STORE))

    let done = false
    const writing = (async () => {
      while (!done) during.push((await newCustomer(clerk)).id)
    })()
    const backup = system.backup().finally(() => (done = true))
    await gateway.records.db.delete(customers).where(eq(customers.id, victim.id)) // may be before or after the snapshot
    const [made] = await Promise.all([backup, writing])
    expect(made.counts['customers']).toBeGreaterThanOrEqual(wanted - 5)
    expect(made.counts['photo_objects_lost']).toBe(0)
    for (const table of rowsBefore.values()) for (const row of table) if (row.includes(victim.id)) table.delete(row)
    restoredAt = await system.restore()
    restored = await startRestored(restoredAt.config)
  }, 300_000)
  afterAll(async () => {
    await restored?.stop()
    await system?.stop()
  })

  it('has every row again that was there before', async () => {
    const rows = await rowsOf(restored.records)
    const gone = missing(rowsBefore, rows)
    delete gone['sessions'] // ended by the restore
    delete gone['gateways'] // each says anew that it is there
    expect(gone).toEqual({})
  })

  it('has every photo again, byte for byte', async () => {
    const objects = await objectsOf(restored.records, restored.app.get(PHOTO_STORE))
    expect(objectsBefore.size).toBeGreaterThan(wanted)
    for (const [key, hash] of objectsBefore) if (objects.has(key)) expect(objects.get(key)).toBe(hash)
    expect(objects.size).toBeGreaterThanOrEqual(objectsBefore.size - 2)
  })

  it('is one moment: of what was created meanwhile the earlier ones, each with its photo row and its event', async () => {
    const ids = new Set((await restored.records.db.select({ id: customers.id }).from(customers)).map(({ id }) => id))
    const kept = during.filter((id) => ids.has(id))
    expect(kept).toEqual(during.slice(0, kept.length))
    const rows = await restored.audit.query<{ customer_id: string }>(
      `SELECT customer_id FROM access_events WHERE action = 'create'`,
    )
    const written = new Set(rows.map(({ customer_id }) => customer_id))
    expect([...ids].filter((id) => !written.has(id))).toEqual([])
  })

  it('lets the same people in with the same factors, and nobody with an old session', async () => {
    expect((await restored.stranger(person).call('me')).status).toBe(401)
    const again = restored.stranger(person)
    await again.signIn(person)
    const { bytes, status } = await again.call('photoView', {
      params: { id: known.photo },
      query: { purpose: 'contract' },
    })
    expect([status, bytes.subarray(0, 3).toString('hex')]).toEqual([200, 'ffd8ff'])
  })

  it('makes the same reports of the old period, row by row', async () => {
    const [here, there] = [system.gateway.stranger(auditor), restored.stranger(auditor)]
    await here.signIn(auditor)
    await there.signIn(auditor)
    for (const kind of ['access', 'by_person', 'by_customer', 'sign_ins', 'anomalies'] as const) {
      const [before, after] = [here, there].map((browser) => browser.call('reportCsv', { query: { kind, ...period } }))
      const [was, is] = [await before!, await after!]
      expect([kind, was.status]).toEqual([kind, 200])
      expect(is.bytes.toString()).toBe(was.bytes.toString())
    }
    const { totals } = await there.ok('report', { query: { kind: 'access', ...period } })
    expect(totals.events).toBeGreaterThan(wanted)
  })

  it('keeps the proof: every chain is whole, and goes on behind the last record without judging it anew', async () => {
    await restored.settled()
    const events: Buffer[] = []
    for await (const { value } of readLog(join(restoredAt.config.dataDir, 'log'), 'access-events')) events.push(value)
    const chains = await verifyWriterChains(events)
    expect(chains.problems).toEqual([])
    const [row] = await restored.audit.query<{ n: number; ids: number }>(
      'SELECT count() AS n, uniqExact(id) AS ids FROM access_events',
    )
    expect(row).toEqual({ n: events.length, ids: events.length })
    const [judged] = await restored.audit.query<{ most: number }>(
      'SELECT max(n) AS most FROM (SELECT event_id, count() AS n FROM verdicts GROUP BY event_id)',
    )
    expect(judged?.most).toBe(1)
  })

  it('leaves nothing readable in the target: no name, no number, no phone, no key', async () => {
    const key = await readFile(join(system.gateway.dataDir, 'keys', 'master.json'), 'utf8')
    const secrets = [planted.name, planted.id_number, '13812345678', person.account.username]
    secrets.push(...(key.match(/[A-Za-z0-9+/]{43}=/g) ?? []))
    expect(secrets.length).toBeGreaterThan(5)
    let objects = 0
    for await (const { name } of system.target.list('')) {
      const bytes = await readFile(join(system.folder, name))
      for (const secret of secrets) expect([name, bytes.includes(secret)]).toEqual([name, false])
      objects++
    }
    expect(objects).toBeGreaterThan(wanted)
  })

  it('refuses to restore over anything', async () => {
    const { requireEmptyDataDir } = await import('./place.js')
    await expect(requireEmptyDataDir(restoredAt.config)).rejects.toThrow(/is not empty .* Nothing was changed/)
  })
})
