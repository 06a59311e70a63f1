import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { Policies } from '../gateway/policies.js'
import { programOf } from '../promises/token-world.js'
import { approvals } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { provenOk } from '../testing/proof.js'
import { approved, newApproval } from './testing/new-approval.js'

const purpose = 'identity_check' as const
const small = { preset: 'simple' as const, conditions: [], larger_export: 500 }

describe('a program, which proves nothing', () => {
  let gateway: TestGateway
  let manager: TestClient
  let customer: string
  beforeAll(async () => {
    gateway = await startTestGateway()
    manager = await gateway.signedIn('manager')
    customer = (await newCustomer(await gateway.signedIn('staff'))).id
  })
  afterAll(() => gateway?.stop())

  const programOfTheirs = async (owner: TestClient) => {
    const program = await programOf(gateway, owner, ['customer.reveal', 'customer.export'])
    return (name: 'customerReveal' | 'customerExport', asked: object) => program.call(name, asked as never)
  }
  const used = async (id: string) => {
    const [row] = await gateway.records.db.select().from(approvals).where(eq(approvals.id, id))
    return row?.used
  }

  it('exports under an approval alone, however few they are, and each counts against it', async () => {
    const program = await programOfTheirs(manager)
    const body = { purpose, customer_ids: [customer], fields: ['name' as const] }
    const refused = await program('customerExport', { body })
    expect([refused.status, refused.body]).toMatchObject([403, { code: 'approval_required', fields: ['name'] }])
    const over = { ...approved, use: 'export' as const, fields: ['name' as const], most: 1 }
    const approval_id = await newApproval(gateway.records, manager.accountId, [customer], over)
    const call = { body: { ...body, approval_id } }
    expect((await program('customerExport', call)).status).toBe(200)
    expect(await used(approval_id)).toBe(1)
    expect((await program('customerExport', call)).body).toMatchObject({ code: 'approval_exceeded' })
    await provenOk(gateway, manager, 'customerExport', { body }) // which its owner proves
  })

  it('reveals what takes a proof under an approval alone, also where its owner needs none', async () => {
    await gateway.records.db.transaction((tx) => {
      const changed = { changed_at: new Date().toISOString(), changed_by: 'system', reason: 'a small house' }
      return gateway.app.get(Policies).replace(tx, 0, small, changed)
    })
    const admin = await gateway.signedIn('admin')
    const program = await programOfTheirs(admin)
    const reveal = (fields: ('name' | 'phone' | 'id_number')[]) => ({
      params: { id: customer },
      body: { purpose, fields },
    })
    await provenOk(gateway, admin, 'customerReveal', reveal(['id_number']))
    const refused = await program('customerReveal', reveal(['phone', 'id_number']))
    expect([refused.status, refused.body]).toMatchObject([403, { code: 'approval_required', fields: ['id_number'] }])
    expect((await program('customerReveal', reveal(['phone']))).status).toBe(200)
  })
})
