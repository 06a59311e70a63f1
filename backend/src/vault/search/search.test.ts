import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { sessions } from '../../record-store/schema.js'
import { striped } from '../testing/pictures.js'
import { anIdNumber, clientOf } from '../testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../testing/start-vault.js'

let vault: VaultUnderTest
let clerk: Person
let client: ReturnType<typeof clientOf>
const id_number = anIdNumber()
beforeAll(async () => {
  vault = await startVault()
  clerk = await vault.signIn('staff')
  client = clientOf(vault, clerk)
  await client.create({ name: '欧阳娜娜', phone: '13800001111', id_number, tags: ['VIP'], business_type: 'mortgage' })
  await client.create({ name: '欧阳修', phone: '13900002222', tags: [], business_type: 'deposit' })
  await client.create({ name: 'Li Lei', phone: undefined, tags: ['vip', '老客户'] })
})
afterAll(() => vault.stop())

const found = async (query: Record<string, string>, by = client) =>
  (await by.search(query)).items.map(({ name, business_type }) => `${name} ${business_type}`).toSorted()
const nana = '欧* mortgage'
const xiu = '欧* deposit'
const lei = 'L* car_loan'

describe('customers are found', () => {
  it.each([
    [{ q: '欧' }, [xiu, nana]],
    [{ q: '欧阳娜' }, [nana]],
    [{ q: '娜娜' }, [nana]],
    [{ q: 'ｌｉ l' }, [lei]],
    [{ q: '1380000' }, [nana]],
    [{ q: '2222' }, [xiu]],
    [{ q: '+86 139-0000-2222' }, [xiu]],
    [{ q: id_number }, [nana]],
    [{ q: id_number.slice(0, 17) }, [nana]],
    [{ q: id_number.slice(-4) }, [nana]],
    [{ tag: 'VIP' }, [lei, nana]],
    [{ tag: 'vip', q: '欧阳' }, [nana]],
    [{ business_type: 'deposit' }, [xiu]],
    [{ mine: 'true', q: '欧' }, [xiu, nana]],
    [{ q: '阳欧' }, []],
    [{ q: '不在' }, []],
    [{ q: "' or 1=1 --" }, []],
    [{ q: '%' }, []],
    [{}, [lei, xiu, nana]],
  ] as [Record<string, string>, string[]][])('%j', async (query, expected) => {
    expect(await found(query)).toEqual(expected)
  })

  it('by the day a photo was captured, as the days are in Shanghai', async () => {
    const { id } = await client.create({ name: '有照片', business_type: 'other' })
    const captured_at = '2026-03-09T16:30:00.000Z' // half past midnight on the 10th there
    await client.addPhoto(id, await striped(64, 64).jpeg().toBuffer(), { kind: 'face', captured_at })
    expect(await found({ captured_from: '2026-03-10', captured_to: '2026-03-10' })).toEqual(['有* other'])
    expect(await found({ captured_to: '2026-03-09' })).toEqual([])
    expect(await found({ captured_from: '2026-03-11' })).toEqual([])
  })

  it('only as far as the policy reaches: never in another branch', async () => {
    const stranger = clientOf(vault, await vault.signIn('manager', 'beijing'))
    const queries: Record<string, string>[] = [{}, { q: '欧' }, { q: id_number }, { tag: 'vip' }]
    for (const query of queries) expect(await found(query, stranger)).toEqual([])
    const colleague = clientOf(vault, await vault.signIn('staff'))
    expect(await found({ q: '欧' }, colleague)).toEqual([xiu, nana])
    expect(await found({ q: '欧', mine: 'true' }, colleague)).toEqual([])
  })
})

describe('a search', () => {
  it('is one event: criteria, ids and count, never what was typed', async () => {
    const reply = await client.send(
      'GET',
      `/customers?${new URLSearchParams({ q: '1111', tag: 'vip', mine: 'true' }).toString()}`,
    )
    const [item] = reply.json().items
    const event = (await vault.events()).find(({ id }) => id === reply.headers['custodia-event-id'])
    expect(event).toMatchObject({ action: 'search', outcome: 'granted', count: 1, record_ids: [item.id] })
    expect(event!.fields).toEqual(['id_number', 'phone', 'tag', 'owner'])
    expect(JSON.stringify(event)).not.toContain('vip')
  })

  it('is read page by page, newest first, each customer once', async () => {
    const person = await vault.signIn('staff', 'guangzhou')
    const pager = clientOf(vault, person)
    const made = []
    for (let n = 0; n < 5; n++) made.unshift((await pager.create()).id)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await pager.search({ limit: '2', ...(cursor ? { cursor } : {}) })
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.next
    } while (cursor)
    expect(seen).toEqual(made)
  })

  it.each([
    { cursor: 'nonsense' },
    { limit: '101' },
    { q: 'x'.repeat(101) },
    { business_type: 'bank_robbery' },
    { captured_from: '2026-13-01' },
    { captured_from: '2026-03-02', captured_to: '2026-03-01' },
  ] as Record<string, string>[])('%j is not answered', async (query) => {
    const reply = await client.send('GET', `/customers?${new URLSearchParams(query).toString()}`)
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_input'])
  })

  it('by a session that ended finds nothing', async () => {
    const person = await vault.signIn('staff')
    await vault.records.db
      .update(sessions)
      .set({ endedAt: new Date(), endReason: 'revoked' })
      .where(eq(sessions.id, person.session))
    expect((await clientOf(vault, person).send('GET', '/customers')).statusCode).toBe(401)
  })
})
