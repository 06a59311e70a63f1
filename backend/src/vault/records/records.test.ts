import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { aConsent, aCustomer, anIdNumber, clientOf } from '../testing/requests.js'
import { AddressTokens } from '../relations/address-tokens.js'
import { StaffTraits, type GivenTraits } from '../relations/staff-traits.js'
import { striped } from '../testing/pictures.js'
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

const as = async (role: 'staff' | 'manager' | 'analyst', branch?: string) =>
  clientOf(vault, await vault.signIn(role, branch))
const lastEvent = async () => (await vault.events()).toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1)

describe('a customer', () => {
  it('is created with consent, owned by who created it, and shown masked', async () => {
    const customer = await client.create()
    expect(customer).toMatchObject({
      name: '张*',
      phone: '138****5678',
      email: 'z***@example.com',
      address: '上海市浦东新***',
      account_number: '************2233',
      tags: ['优质客户'],
      owner: clerk.id,
      branch: 'shanghai',
      mine: true,
      photos: [],
      consents: [{ way: 'signature', recorded_by: clerk.id }],
    })
    expect(customer.id_number).toMatch(/^110\*{11}\d{3}[\dX]$/)
    expect(customer.may).toEqual(expect.arrayContaining(['customer.reveal', 'photo.upload', 'transaction.create']))
    expect(customer.may).not.toContain('customer.delete')
    const seen = await client.send('GET', `/customers/${customer.id}`)
    expect(seen.json()).toEqual(customer)
    expect(await lastEvent()).toMatchObject({
      id: seen.headers['custodia-event-id'],
      action: 'view',
      outcome: 'granted',
      customer_id: customer.id,
    })
  })

  it.each([
    ['consent_missing', 403, { consent: undefined }],
    ['consent_missing', 403, { consent: aConsent({ until: '2026-04-01T00:00:00.000Z' }) }],
    ['invalid_input', 400, { consent: aConsent({ given_at: '2999-01-01T00:00:00.000Z' }) }],
    ['invalid_input', 400, { consent: aConsent({ until: '2020-01-01T00:00:00.000Z' }) }],
    ['invalid_id_number', 422, { id_number: '110101199003071235' }],
    ['invalid_input', 400, { email: 'nobody' }],
    ['invalid_input', 400, { tags: Array(21).fill('x') }],
  ] as const)('is refused with %s', async (code, status, over) => {
    const before = (await vault.records.db.execute(sql`select count(*) from customers`)).rows
    const reply = await client.send('POST', '/customers', aCustomer(over as object))
    expect([reply.statusCode, reply.json().code]).toEqual([status, code])
    expect((await vault.records.db.execute(sql`select count(*) from customers`)).rows).toEqual(before)
    if (code === 'consent_missing')
      expect(await lastEvent()).toMatchObject({ action: 'create', outcome: 'refused', reason: code })
  })

  it('is one per ID number and branch, also when two are created at once', async () => {
    const id_number = anIdNumber()
    const replies = await Promise.all([1, 2, 3].map(() => client.send('POST', '/customers', aCustomer({ id_number }))))
    expect(replies.map((reply) => reply.statusCode).toSorted()).toEqual([200, 409, 409])
    await (await as('staff', 'beijing')).create({ id_number })
  })

  it('changes only in what is named, and is found by the new values alone', async () => {
    const customer = await client.create({ name: '旧名字', phone: '13700000001', tags: ['留下'] })
    const reply = await client.send('PATCH', `/customers/${customer.id}`, { name: '新称呼' })
    expect(reply.json()).toMatchObject({ name: '新*', phone: '137****0001', tags: ['留下'] })
    expect((await client.search({ q: '旧名' })).items).toEqual([])
    expect((await client.search({ q: '新称' })).items).toMatchObject([{ id: customer.id }])
    expect((await client.search({ q: '13700000001' })).items).toMatchObject([{ id: customer.id }])
    expect((await client.send('PATCH', `/customers/${customer.id}`, { tags: ['另一个'] })).json().tags).toEqual([
      '另一个',
    ])
    expect((await client.search({ tag: '留下' })).items).toEqual([])
  })

  it("cannot take another customer's ID number", async () => {
    const [one, other] = [anIdNumber(), anIdNumber()]
    await client.create({ id_number: one })
    const { id } = await client.create({ id_number: other })
    expect((await client.send('PATCH', `/customers/${id}`, { id_number: one })).statusCode).toBe(409)
    expect((await client.send('PATCH', `/customers/${id}`, { id_number: other.toLowerCase() })).statusCode).toBe(200)
  })

  it('of another branch is not for us; of a colleague it can be seen and not changed', async () => {
    const customer = await client.create()
    const stranger = await as('staff', 'beijing')
    expect((await stranger.send('GET', `/customers/${customer.id}`)).json().code).toBe('not_allowed')
    expect(await lastEvent()).toMatchObject({ outcome: 'refused', reason: 'not_allowed', customer_id: customer.id })
    const colleague = await as('staff')
    expect((await colleague.send('GET', `/customers/${customer.id}`)).json()).toMatchObject({ mine: false })
    expect((await colleague.send('PATCH', `/customers/${customer.id}`, { name: '别人' })).json().code).toBe(
      'not_allowed',
    )
    expect((await client.send('GET', '/customers/nobody')).json().code).toBe('not_found')
    expect((await (await as('analyst')).send('GET', `/customers/${customer.id}`)).json().code).toBe('not_allowed')
  })

  it('is deleted with photos, tokens and everything else', async () => {
    const customer = await client.create({ name: '将被删除' })
    await client.addPhoto(customer.id, await striped().jpeg().toBuffer())
    const manager = await as('manager')
    expect((await client.send('DELETE', `/customers/${customer.id}`)).statusCode).toBe(403)
    expect((await manager.send('DELETE', `/customers/${customer.id}`)).statusCode).toBe(204)
    for (const table of ['photos', 'consents', 'search_tokens', 'customer_tags', 'transactions'])
      expect(
        (await vault.records.db.execute(sql.raw(`select 1 from ${table} where customer_id = '${customer.id}'`))).rows,
      ).toEqual([])
    expect(
      (await readdir(vault.photoFolder, { recursive: true })).filter((name) => /original|thumbnail/.test(name)),
    ).toEqual([])
  })
})

describe('revealing', () => {
  it('shows the fields asked for and no others, once a verdict allowed it', async () => {
    const { id } = await client.create({ name: '张三丰', email: undefined })
    const body = { purpose: 'identity_check', fields: ['name', 'phone', 'email'] }
    const reply = await client.prove('POST', `/customers/${id}/reveal`, body)
    expect(reply.json()).toEqual({ name: '张三丰', phone: '13812345678' })
    expect(await lastEvent()).toMatchObject({
      action: 'reveal',
      outcome: 'held',
      customer_id: id,
      fields: body.fields,
      purpose: 'identity_check',
      count: 1,
    })
  })

  it.each([
    ['purpose_required', undefined],
    ['purpose_required', 'curiosity'],
    ['consent_missing', 'complaint'],
  ])('is refused with %s for the purpose %s, and that is written down', async (code, purpose) => {
    const { id } = await client.create()
    const reply = await client.send('POST', `/customers/${id}/reveal`, { purpose, fields: ['phone'] })
    expect([reply.statusCode, reply.json().code]).toEqual([403, code])
    expect(await lastEvent()).toMatchObject({ outcome: 'refused', reason: code, customer_id: id, fields: ['phone'] })
  })

  it('needs a consent in force for that type of information', async () => {
    const { id, consents } = await client.create({ consent: aConsent({ information_types: ['contact'] }) })
    const reveal = (fields: string[]) =>
      client.prove('POST', `/customers/${id}/reveal`, { purpose: 'contract', fields })
    expect((await reveal(['phone'])).statusCode).toBe(200)
    expect((await reveal(['phone', 'name'])).json()).toMatchObject({
      code: 'consent_missing',
      information_types: ['basic'],
    })
    const given = await client.send('POST', `/customers/${id}/consents`, aConsent({ information_types: ['basic'] }))
    expect((await reveal(['phone', 'name'])).statusCode).toBe(200)
    expect((await client.send('DELETE', `/consents/${given.json().id}`)).statusCode).toBe(204)
    expect((await reveal(['name'])).json().code).toBe('consent_missing')
    expect((await client.send('DELETE', `/consents/${consents![0]!.id}`)).statusCode).toBe(204)
    expect((await reveal(['phone'])).json().code).toBe('consent_missing')
  })

  it('shows nothing when the verdict is a refusal, or does not come', async () => {
    const { id } = await client.create()
    const reveal = () => client.send('POST', `/customers/${id}/reveal`, { purpose: 'contract', fields: ['phone'] })
    vault.judge.verdict = 'refused'
    expect((await reveal()).json().code).toBe('limit_reached')
    vault.judge.verdict = undefined
    expect((await reveal()).json().code).toBe('verdict_missing')
    vault.judge.verdict = 'allowed'
  })
})

describe('at rest', () => {
  it('no row and no object holds a value in the clear', async () => {
    const id_number = anIdNumber()
    const { id } = await client.create({ name: '独一无二', id_number, phone: '19900001111', tags: ['只此一个'] })
    const picture = await striped().jpeg().toBuffer()
    await client.addPhoto(id, picture)
    await client.send('POST', `/customers/${id}/transactions`, {
      at: '2026-03-10T02:00:00.000Z',
      kind: 'transfer',
      amount: 12.5,
      currency: 'CNY',
      counterparty: '收款人甲',
    })
    const tables = ['customers', 'customer_tags', 'search_tokens', 'photos', 'consents', 'transactions']
    const dumps = await Promise.all(tables.map(dump))
    const objects = (await readdir(vault.photoFolder, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    )
    const files = await Promise.all(objects.map((entry) => readFile(`${entry.parentPath}/${entry.name}`)))
    const everything = Buffer.concat([...dumps, ...files])
    for (const value of ['独一无二', id_number, '19900001111', '只此一个', '收款人甲'])
      expect([value, everything.includes(value)]).toEqual([value, false])
    expect(files.some((file) => file.subarray(0, 3).equals(picture.subarray(0, 3)) || file.includes('WEBP'))).toBe(
      false,
    )
    expect(everything.includes(id)).toBe(true) // the search itself works
    const events = JSON.stringify(await vault.events())
    for (const value of ['独一无二', id_number, '19900001111', '只此一个', '收款人甲'])
      expect(events).not.toContain(value)
  })

  /** a table's rows as bytes: text as it is, bytea decoded */
  async function dump(table: string): Promise<Buffer> {
    const { rows } = await vault.records.db.execute(sql.raw(`select * from ${table}`))
    return Buffer.concat(
      rows.flatMap((row) =>
        Object.values(row).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(`${JSON.stringify(value)}\n`))),
      ),
    )
  }
})

describe('whoever looks at somebody close', () => {
  const traits = () => vault.app.get(StaffTraits)
  const put = (account: string, given: GivenTraits) => traits().put(vault.records.db, account, given)
  const relationIn = async (reply: { headers: Record<string, unknown> }) =>
    (await vault.events()).find(({ id }) => id === reply.headers['custodia-event-id'])?.relation

  it('is flagged at each access, by hashes alone; a stranger of the same name is not', async () => {
    const spouse = await client.create({ name: '王芳', phone: '13900001111', address: '上海市徐汇区天平路8号301室' })
    const namesake = await client.create({ name: '王强', phone: '13900002222', address: '上海市徐汇区天平路8号' })
    const me = await vault.signIn('staff')
    const mine = clientOf(vault, me)
    await put(me.id, { name: '王伟', phones: ['(+86) 139 0000 1111'], addresses: ['中国上海市徐汇区天平路８号301室'] })
    const view = await mine.send('GET', `/customers/${spouse.id}`)
    expect(await relationIn(view)).toBe('same_address+same_phone+same_surname')
    expect((await lastEvent())?.segment).toBe('car_loan')
    expect(await relationIn(await mine.send('GET', `/customers/${namesake.id}`))).toBeUndefined()
    expect(await relationIn(await client.send('GET', `/customers/${spouse.id}`))).toBe('colleague') // a phone of staff
    const body = { fields: ['phone'], purpose: 'identity_check' }
    expect(await relationIn(await mine.prove('POST', `/customers/${spouse.id}/reveal`, body))).toContain('same_phone')
    const photo = await client.addPhoto(spouse.id, await striped().jpeg().toBuffer())
    expect(await relationIn(await mine.send('GET', `/photos/${photo.id}/thumbnail`))).toContain('same_address')
    // moved out, with a number of their own: nothing in common is left but the name
    await client.send('PATCH', `/customers/${spouse.id}`, { phone: '13900003333', address: '北京市海淀区中关村街1号' })
    expect(await relationIn(await mine.send('GET', `/customers/${spouse.id}`))).toBeUndefined()
    const kept = JSON.stringify((await vault.records.db.execute(sql`select * from staff_traits`)).rows)
    expect(kept).not.toMatch(/1390000|天平路|王/)
  })

  it('is known as themself, and by others as a colleague, by the ID number', async () => {
    const id_number = anIdNumber()
    const customer = await client.create({ id_number, phone: '13900004444' })
    const me = await vault.signIn('staff')
    await put(me.id, { id_number: id_number.toLowerCase() })
    expect(await relationIn(await clientOf(vault, me).send('GET', `/customers/${customer.id}`))).toBe('self')
    expect(await relationIn(await client.send('GET', `/customers/${customer.id}`))).toBe('colleague')
    const body = {
      customer_ids: [customer.id, (await client.create()).id],
      fields: ['name'],
      purpose: 'identity_check',
    }
    expect(await relationIn(await client.prove('POST', '/customers/export', body))).toBe('colleague')
    await put(me.id, { id_number: '' })
    expect(await relationIn(await client.send('GET', `/customers/${customer.id}`))).toBeUndefined()
  })

  it('is not flagged for a number that a whole company or half the customers have', async () => {
    const me = await vault.signIn('staff')
    await put(me.id, { phones: ['13900005555', '13900006666', '110'], addresses: ['上海市'] })
    for (let n = 0; n < 13; n++) await client.create({ phone: '13900005555' })
    const [switchboard, private_] = [
      await client.create({ phone: '13900005555' }),
      await client.create({ phone: '13900006666' }),
    ]
    expect(await relationIn(await clientOf(vault, me).send('GET', `/customers/${switchboard.id}`))).toBeUndefined()
    expect(await relationIn(await clientOf(vault, me).send('GET', `/customers/${private_.id}`))).toBe('same_phone')
    for (let n = 0; n < 13; n++) await put((await vault.signIn('staff')).id, { phones: ['13900006666'] })
    expect(await relationIn(await clientOf(vault, me).send('GET', `/customers/${private_.id}`))).toBeUndefined()
  })

  it('is found in customers from before addresses were compared, once the house has been gone through', async () => {
    const { db } = vault.records
    const old = await client.create({ phone: '13900007777', address: '南京市鼓楼区中山路18号5栋502室' })
    const me = await vault.signIn('staff')
    await put(me.id, { addresses: ['江苏省南京市鼓楼区中山路18号5栋502室'] })
    await db.execute(sql`delete from search_tokens where field = 'address'`)
    await db.execute(sql`update settings set value = '{"after":"","done":false}' where key = 'address-tokens'`)
    const view = () => clientOf(vault, me).send('GET', `/customers/${old.id}`)
    expect(await relationIn(await view())).toBeUndefined()
    await Promise.all([vault.app.get(AddressTokens).fill(), vault.app.get(AddressTokens).fill()])
    expect(await relationIn(await view())).toBe('same_address')
    const kept = sql`select value ->> 'done' as done from settings where key = 'address-tokens'`
    expect((await db.execute(kept)).rows).toEqual([{ done: 'true' }])
  })
})
