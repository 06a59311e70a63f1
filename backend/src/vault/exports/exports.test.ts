import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { approved, newApproval } from '../../approvals/testing/new-approval.js'
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
