import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq, sql } from 'drizzle-orm'
import { FreeExports } from '../../approvals/free-exports.service.js'
import { approved, newApproval } from '../../approvals/testing/new-approval.js'
import { Policies } from '../../gateway/policies.js'
import { freeExports, settings } from '../../record-store/schema.js'
import { VaultWriter, type NewCustomer } from '../vault-writer.js'
import { aConsent, aCustomer, anIdNumber, clientOf } from '../testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../testing/start-vault.js'

let vault: VaultUnderTest
let clerk: Person
let client: ReturnType<typeof clientOf>
beforeAll(async () => {
  vault = await startVault()
  clerk = await vault.signIn('staff')
  client = clientOf(vault, clerk)
})
afterAll(() => vault.stop())

const exported = (customer_ids: string[], over: object = {}, by = client) =>
  by.prove('POST', '/customers/export', { customer_ids, fields: ['name', 'phone'], purpose: 'contract', ...over })
const eventsOf = async (reply: { headers: Record<string, unknown> }) => {
  const header = String(reply.headers['custodia-event-id'])
  const events = await vault.events()
  return { header: events.find(({ id }) => id === header), parts: events.filter((event) => event.part_of === header) }
}

describe('an export', () => {
  it('is a CSV file of the fields asked for, in the order asked for, each customer once', async () => {
    const one = await client.create({ name: '=1+1', phone: undefined })
    const two = await client.create({ name: '"引号", 逗号', phone: '13812345678' })
    const reply = await exported([two.id, one.id, two.id])
    expect(reply.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="customers.csv"',
      'cache-control': 'no-store',
    })
    expect(reply.rawPayload.toString()).toBe(
      `\ufeff"customer_id","name","phone"\r\n"${two.id}","""引号"", 逗号","13812345678"\r\n"${one.id}","'=1+1",""\r\n`,
    )
    const { header, parts } = await eventsOf(reply)
    expect(header).toMatchObject({
      action: 'export',
      outcome: 'held',
      count: 2,
      bytes: reply.rawPayload.length,
      fields: ['name', 'phone'],
      purpose: 'contract',
      reason: `sha256:${createHash('sha256').update(reply.rawPayload).digest('hex')}`,
    })
    expect(header).not.toHaveProperty('record_ids')
    expect(parts).toMatchObject([{ record_ids: [two.id, one.id] }])
  })

  it('of more than a thousand customers names all of them, in parts', async () => {
    const ids: string[] = []
    while (ids.length < 1001) ids.push(...(await Promise.all(Array.from({ length: 7 }, writeCustomer))))
    expect((await exported(ids)).json()).toMatchObject({ code: 'approval_required', fields: [], larger_export: true })
    const fields: ('name' | 'phone')[] = ['name', 'phone']
    const given = { ...approved, use: 'export' as const, fields, purpose: 'contract', most: 1001 }
    const approval_id = await newApproval(vault.records, clerk.id, ids, given)
    const reply = await exported(ids, { approval_id })
    expect(reply.rawPayload.toString().split('\r\n')).toHaveLength(1001 + 2)
    const { header, parts } = await eventsOf(reply)
    expect(header).toMatchObject({ count: 1001, approval_id })
    expect(parts.map((part) => part.record_ids!.length).toSorted((a, b) => b - a)).toEqual([1000, 1])
    expect(new Set(parts.flatMap((part) => part.record_ids))).toEqual(new Set(ids))
    expect(parts.every((part) => part.count === undefined && part.bytes === undefined)).toBe(true)
  })

  describe('without an approval', () => {
    const limit = 4
    let six: string[]
    beforeAll(async () => {
      six = await Promise.all(Array.from({ length: 6 }, async () => (await client.create()).id))
      const value = { version: 1, settings: { preset: 'separation', conditions: [], larger_export: limit } }
      await vault.records.db.insert(settings).values({ key: 'policy', value })
    })
    beforeEach(() => vault.records.db.delete(freeExports))
    afterAll(async () => {
      await vault.records.db.delete(freeExports)
      await vault.records.db.delete(settings).where(eq(settings.key, 'policy'))
    })

    const codeOf = async (ids: string[]): Promise<unknown> => (await exported(ids)).json().code
    const served = async (ids: string[]) => expect((await exported(ids)).statusCode).toBe(200)

    it('adds up over 24 hours: several files are one larger export', async () => {
      await served(six.slice(0, 3))
      await served(six.slice(0, 1)) // once more is one more
      const asked = { customer_ids: six.slice(4, 5), fields: ['name'], purpose: 'contract' }
      const refusal = { code: 'approval_required', larger_export: true, exported: limit, approvals: [] }
      // told before the proof is asked for
      expect((await client.send('POST', '/customers/export', asked)).json()).toMatchObject(refusal)
      const { db } = vault.records
      await db.update(freeExports).set({ at: sql`now() - interval '24 hours 1 second'` })
      await served(six.slice(0, limit))
      expect(await db.select().from(freeExports)).toMatchObject([{ accountId: clerk.id, customers: limit }])
      expect(await codeOf(six.slice(5))).toBe('approval_required')
    })

    it('leaves out what was refused, and what an approval gave', async () => {
      vault.judge.verdict = 'refused'
      expect(await codeOf(six.slice(0, limit))).toBe('limit_reached')
      vault.judge.verdict = 'allowed'
      const given = { ...approved, use: 'export' as const, fields: ['name' as const, 'phone' as const], most: 6 }
      const approval_id = await newApproval(vault.records, clerk.id, six, { ...given, purpose: 'contract' })
      expect((await exported(six, { approval_id })).statusCode).toBe(200)
      await served(six.slice(0, limit))
    })

    it('lets go of no more to many requests at once', async () => {
      const answers = await Promise.all(six.map((id) => exported([id])))
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 200, 403, 403])
    })

    it('nor to several gateways, which share the database alone', async () => {
      const gateways = [1, 2, 3].map(() => new FreeExports(vault.records))
      const policy = await vault.app.get(Policies).current()
      const count = async (n: number) => {
        const access = {
          who: { id: clerk.id, role: 'staff', policy },
          event: { id: `e${n}` },
          takeBack: async () => {},
        }
        const claim = { use: 'export' as const, fields: ['name' as const], purpose: 'contract', customers: ['x'] }
        return gateways[n % 3]!.count(access as never, claim, () => new Promise((resolve) => setTimeout(resolve, 20)))
      }
      const ended = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => count(n)))
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(limit)
      expect(await vault.app.get(FreeExports).sum(clerk.id)).toBe(limit)
    })
  })

  it('is all or nothing', async () => {
    const mine = await client.create()
    const theirs = await clientOf(vault, await vault.signIn('staff')).create()
    const withoutConsent = await client.create({ consent: aConsent({ information_types: ['contact'] }) })
    const refusals = {
      [theirs.id]: 'not_allowed',
      [withoutConsent.id]: 'consent_missing',
      nobody: 'not_found',
    }
    for (const [id, code] of Object.entries(refusals)) {
      const reply = await exported([mine.id, id])
      expect([id, reply.json().code]).toEqual([id, code])
      const { header } = await eventsOf(reply)
      expect(header).toMatchObject({ action: 'export', reason: code, count: 2, record_ids: [mine.id, id] })
    }
    expect((await exported([mine.id], { purpose: undefined })).json().code).toBe('purpose_required')
    const analyst = clientOf(vault, await vault.signIn('analyst'))
    expect((await exported([mine.id], {}, analyst)).json().code).toBe('not_allowed')
  })

  it.each([
    ['nobody', { customer_ids: [] }],
    ['no field', { fields: [] }],
    ['an unknown field', { fields: ['password'] }],
    ['10,001 customers', { customer_ids: Array(10_001).fill('x') }],
    ['a word for a list', { customer_ids: 'all' }],
  ])('of %s is not understood', async (_, over) => {
    const reply = await exported(['x'], over)
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_input'])
  })
})

async function writeCustomer(): Promise<string> {
  const input = { ...aCustomer({ id_number: anIdNumber() }), consent: aConsent() } as NewCustomer
  return vault.app.get(VaultWriter).createCustomer(input, clerk, async (_, row) => row.id)
}
