import { ofRecord, type Calls } from './asked.js'

const purpose = 'identity_check' as const
const aScope = {
  use: 'reveal' as const,
  fields: ['id_number' as const],
  most: 1,
  purpose: 'identity_check' as const,
  minutes: 60,
}

/** One valid request for every route of approvals: what is decided and reviewed was asked by somebody else. */
export const approvalCalls: Pick<Calls, Extract<keyof Calls, `approval${string}`>> = {
  approvals: () => ({}),
  approval: async (world) => ofRecord(await world.approval(world.client.accountId)),
  approvalAsk: ({ customer }) => ({
    body: { ...aScope, customer_ids: [customer.id], reason: 'a test' },
    made: ({ id }) => ({ record_id: id }),
  }),
  approvalBreakGlass: async (world) => {
    const { fields } = aScope
    const call = { body: { purpose, fields, customer_ids: [world.customer.id], reason: 'the line is down' } }
    const may = ['staff', 'manager'].includes(world.role)
    const headers = may ? await world.proof(world.client, 'approvalBreakGlass', call) : {}
    return { ...call, headers, made: ({ id }) => ({ record_id: id }) }
  },
  approvalDecide: async (world) => {
    const asked = ofRecord(await world.approval(world.helpers.manager.accountId))
    const call = { ...asked, body: { decision: 'approve' as const, reason: 'a test' } }
    const may = ['manager', 'admin'].includes(world.role)
    return { ...call, headers: may ? await world.proof(world.client, 'approvalDecide', call) : {} }
  },
  approvalRevoke: async (world) => ({
    ...ofRecord(await world.approval(world.client.accountId)),
    body: { reason: 'a test' },
  }),
  approvalReview: async (world) => {
    const reviewBy = new Date(Date.now() + 60_000)
    const asked = ofRecord(await world.approval(world.helpers.manager.accountId, { kind: 'break_glass', reviewBy }))
    const call = { ...asked, body: { verdict: 'justified' as const, note: 'a test' } }
    const may = ['manager', 'admin', 'analyst'].includes(world.role)
    return { ...call, headers: may ? await world.proof(world.client, 'approvalReview', call) : {} }
  },
}
