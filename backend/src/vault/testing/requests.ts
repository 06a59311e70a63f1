import { randomUUID } from 'node:crypto'
import { type BodyInput, checkCharacterOf, type PhotoInfo, type ReplyOf, type vaultRoutes } from '@custodia/contracts'
import type { z } from 'zod'
import { giveProof } from '../../testing/proof.js'
import type { Person, VaultUnderTest } from './start-vault.js'

type NewCustomer = BodyInput<typeof vaultRoutes.customerCreate>
export type Detail = ReplyOf<typeof vaultRoutes.customerView>

let made = 0
/** A valid ID number, another one each time. */
export const anIdNumber = (): string => {
  const day = 10 + Math.floor(++made / 1000)
  const first17 = `110101199003${day}${String(made % 1000).padStart(3, '0')}`
  return first17 + checkCharacterOf(first17)
}

export const aConsent = (
  over: Partial<NonNullable<NewCustomer['consent']>> = {},
): NonNullable<NewCustomer['consent']> => ({
  given_at: '2026-03-10T02:00:00.000Z',
  information_types: ['basic', 'contact', 'id_number', 'id_photo', 'face', 'financial'],
  purposes: ['identity_check', 'contract'],
  way: 'signature',
  ...over,
})

export const aCustomer = (over: Partial<NewCustomer> = {}): NewCustomer => ({
  name: '张伟强',
  id_number: anIdNumber(),
  phone: '13812345678',
  email: 'zhang.weiqiang@example.com',
  address: '上海市浦东新区世纪大道100号',
  account_number: '6222020200112233',
  business_type: 'car_loan',
  tags: ['优质客户'],
  consent: aConsent(),
  ...over,
})

/** Requests as a browser makes them. */
export const clientOf = ({ app, records }: VaultUnderTest, person: Person) => {
  const send = (
    method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    more: Record<string, string> = {},
  ) => {
    const headers = { cookie: person.cookie, ...more }
    return app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) })
  }
  /** with the fresh proof that it asks for */
  const prove = async (method: 'POST', url: string, payload: object) => {
    const refused = await send(method, url, payload)
    const refusal = refused.json<{ code?: string }>()
    if (refusal.code !== 'step_up_required') return refused
    return send(method, url, payload, await giveProof({ records }, refusal))
  }
  const create = async (over: Partial<NewCustomer> = {}): Promise<Detail> => {
    const reply = await send('POST', '/customers', aCustomer(over))
    if (reply.statusCode !== 200) throw new Error(reply.body)
    return reply.json<Detail>()
  }
  const upload = (
    customerId: string,
    file: Buffer | undefined,
    fields: Record<string, string> = { kind: 'id_front' },
  ) => {
    const boundary = randomUUID()
    const parts = Object.entries(fields).map(
      ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
    const payload = Buffer.concat([
      Buffer.from(parts.join('')),
      ...(file ? [Buffer.from(head), file, Buffer.from('\r\n')] : []),
      Buffer.from(`--${boundary}--\r\n`),
    ])
    const headers = { cookie: person.cookie, 'content-type': `multipart/form-data; boundary=${boundary}` }
    return app.inject({ method: 'POST', url: `/api/v1/customers/${customerId}/photos`, headers, payload })
  }
  const addPhoto = async (customerId: string, file: Buffer, fields?: Record<string, string>) => {
    const reply = await upload(customerId, file, fields)
    if (reply.statusCode !== 200) throw new Error(reply.body)
    return reply.json<z.output<typeof PhotoInfo>>()
  }
  const search = async (query: Record<string, string>) =>
    (await send('GET', `/customers?${new URLSearchParams(query).toString()}`)).json<
      ReplyOf<typeof vaultRoutes.customersSearch>
    >()
  return { send, prove, create, upload, addPhoto, search }
}
