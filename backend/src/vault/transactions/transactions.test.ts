import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { clientOf, type Detail } from '../testing/requests.js'
import { startVault, type VaultUnderTest } from '../testing/start-vault.js'

let vault: VaultUnderTest
let client: ReturnType<typeof clientOf>
let customer: Detail
beforeAll(async () => {
  vault = await startVault()
  client = clientOf(vault, await vault.signIn('staff'))
  customer = await client.create()
})
afterAll(() => vault.stop())

const transaction = {
  at: '2026-03-10T02:00:00.000Z',
  kind: 'transfer',
  amount: 1234.56,
  currency: 'CNY',
  counterparty: '收款人',
}
const path = () => `/customers/${customer.id}/transactions`

describe('transactions', () => {
  it('are added and listed, newest first', async () => {
    const later = { ...transaction, at: '2026-03-11T02:00:00.000Z', counterparty: undefined }
    const first = await client.send('POST', path(), transaction)
    expect(first.json()).toEqual({ id: expect.any(String), ...transaction })
    const second = await client.send('POST', path(), later)
    const list = await client.send('GET', path())
    expect(list.json()).toEqual({ items: [second.json(), first.json()] })
    const events = await vault.events()
    expect(events.find(({ id }) => id === first.headers['custodia-event-id'])).toMatchObject({
      action: 'create',
      customer_id: customer.id,
      record_id: first.json().id,
    })
    expect(events.find(({ id }) => id === list.headers['custodia-event-id'])).toMatchObject({
      action: 'view',
      fields: ['transactions'],
      count: 2,
    })
  })

  it('are a permission of their own: a colleague who sees the customer does not see them', async () => {
    const colleague = clientOf(vault, await vault.signIn('staff'))
    expect((await colleague.send('GET', `/customers/${customer.id}`)).statusCode).toBe(200)
    expect((await colleague.send('GET', path())).json().code).toBe('not_allowed')
    expect((await colleague.send('POST', path(), transaction)).json().code).toBe('not_allowed')
    expect((await client.send('GET', '/customers/nobody/transactions')).json().code).toBe('not_found')
  })

  it.each([
    { amount: 'many' },
    { currency: 'EURO' },
    { kind: 'gift' },
    { at: 'today' },
    { amount: 1e20 },
    { amount: 0.001 },
  ])('%j is not understood', async (over) => {
    const reply = await client.send('POST', path(), { ...transaction, ...over })
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_input'])
  })
})
