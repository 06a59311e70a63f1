import { v7 as uuidv7 } from 'uuid'
import type { RecordStore } from '../../record-store/record-store.js'
import { approvalCustomers, approvals } from '../../record-store/schema.js'

/** A request as it stands in the database, waiting; `over` makes it approved, larger, older. */
export async function newApproval(
  { db }: RecordStore,
  requester: string,
  customers: string[],
  over: Partial<typeof approvals.$inferInsert> = {},
): Promise<string> {
  const id = uuidv7()
  const until = new Date(Date.now() + 3_600_000)
  const scope = { use: 'reveal', fields: ['id_number'], most: 10, purpose: 'identity_check', minutes: 60 } as const
  const place = { requester, team: 'service', branch: 'shanghai' }
  await db
    .insert(approvals)
    .values({ id, kind: 'request', ...place, ...scope, fields: [...scope.fields], reason: 'a test', until, ...over })
  await db.insert(approvalCustomers).values(customers.map((customerId) => ({ approvalId: id, customerId })))
  return id
}

export const approved = { decision: 'approve' as const, decidedBy: 'somebody', decidedAt: new Date() }
