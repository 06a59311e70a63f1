import type { vaultRoutes } from '@custodia/contracts'
import { aPicture, uploadOf } from '../testing/customers.js'
import { aConsent, aCustomer } from '../vault/testing/requests.js'
import { ofCustomer, ofRecord, type Calls } from './asked.js'

const purpose = 'identity_check' as const

/** One valid request for every route to customers and their photos. */
export const vaultCalls: Pick<Calls, keyof typeof vaultRoutes> = {
  customersSearch: () => ({ query: { limit: 5 } }),
  customerCreate: () => ({ body: aCustomer(), made: ({ id }) => ({ customer_id: id }) }),
  customerView: ({ customer }) => ofCustomer(customer.id),
  customerUpdate: ({ customer }) => ({ ...ofCustomer(customer.id), body: { tags: ['seen'] } }),
  customerDelete: async (world) => ofCustomer((await world.spareCustomer()).id),
  customerReveal: ({ customer }) => ({ ...ofCustomer(customer.id), body: { purpose, fields: ['phone'] } }),
  customerExport: async (world) => {
    const call = { body: { purpose, customer_ids: [world.customer.id], fields: ['name' as const] } }
    return { headers: await world.proof(world.client, 'customerExport', call), ...call }
  },
  customerAccesses: ({ customer }) => ofCustomer(customer.id),
  consentRecord: ({ customer }) => ({
    ...ofCustomer(customer.id),
    body: aConsent(),
    made: ({ id }) => ({ record_id: id }),
  }),
  consentWithdraw: async (world) => ofRecord((await world.spareCustomer()).consent),
  transactions: ({ customer }) => ofCustomer(customer.id),
  transactionAdd: ({ customer }) => ({
    ...ofCustomer(customer.id),
    body: { at: '2026-03-10T02:00:00.000Z', kind: 'payment', amount: 12.5, currency: 'CNY' },
    made: ({ id }) => ({ record_id: id }),
  }),
  photoUpload: async ({ customer }) => ({
    ...ofCustomer(customer.id),
    ...uploadOf(await aPicture(3), { kind: 'id_back' }),
    made: ({ id }) => ({ record_id: id }),
  }),
  photoThumbnail: ({ customer }) => ofPhoto(customer),
  photoView: ({ customer }) => ({ ...ofPhoto(customer), query: { purpose } }),
  photoDownload: ({ customer }) => ({ ...ofPhoto(customer), query: { purpose } }),
}

/** Whoever is refused at the door is refused before anybody looked whose photo it is. */
function ofPhoto({ id, photo }: { id: string; photo: string }) {
  return { params: { id: photo }, target: { record_id: photo }, made: () => ({ customer_id: id }) }
}
