import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Alert } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Account } from '../identity/account.js'
import { accounts, alerts } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { until } from '../testing/settled.js'

const rule = 'bulk-photo-view'
const inADay = () => new Date(Date.now() + 86_400_000)

describe('whoever is new at the desk', () => {
  let gateway: TestGateway
  let gao: TestClient
  let late: TestClient
  let giver: string
  let clerk: string
  beforeAll(async () => {
    gateway = await startTestGateway()
    gao = await gateway.signedIn('analyst', { username: 'gao' })
    late = await gateway.signedIn('analyst', { username: 'late' })
    giver = (await gateway.person('admin')).account.id
    clerk = (await gateway.person('staff')).account.id
  })
  beforeEach(() => write(late.accountId, { decidesFrom: inADay(), decidesGivenBy: giver }))
  afterAll(() => gateway?.stop())

  const write = (id: string, set: Partial<Account>) =>
    gateway.records.db.update(accounts).set(set).where(eq(accounts.id, id))
  const raise = async (actor: string, over: Partial<Alert> = {}): Promise<string> => {
    const group = { ip: '10.0.0.9' }
    const alert = anAlert({ id: uuidv7(), actor, rule, group, respond: [{ do: 'alert' }], ...over })
    const value = Buffer.from(JSON.stringify({ kind: 'raised', alert }))
    await gateway.log.append('alerts', { key: alert.id, value })
    const { db } = gateway.records
    await until(async () => (await db.select().from(alerts).where(eq(alerts.id, alert.id))).length)
    return alert.id
  }
  const begin = async (id: string, by = late) => {
    const { version } = (await gao.ok('alert', { params: { id } })).triage
    const { status, body } = await by.call('alertBegin', { params: { id }, body: { version } })
    return status < 300 ? status : body.code
  }
  const silence = async (actor?: string, by = late) => {
    const body = { rule, actor, minutes: 5, reason: 'too loud' }
    const answer = await by.call('silenceCreate', { body })
    if (answer.status === 200) await gao.ok('silenceEnd', { params: { id: answer.body.id } })
    return answer.status < 300 ? answer.status : answer.body.code
  }

  it('has no say about whoever made them, whom they may be: each step is refused, and says from when on', async () => {
    const id = await raise(giver)
    const note = 'looks fine'
    const refused = await late.call('alertClose', { params: { id }, body: { version: 0, verdict: 'false', note } })
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({ code: 'giver_involved', decides_from: expect.any(String) })
    const seen = { params: { id }, body: { version: 0 } }
    expect((await late.call('alertAcknowledge', seen)).body.code).toBe('giver_involved')
    const given = { params: { id }, body: { version: 0, assignee: late.accountId } }
    expect((await late.call('alertAssign', given)).body.code).toBe('giver_involved')
    expect(await begin(id, gao)).toBe(200) // a colleague decides it
    expect(await begin(await raise(clerk))).toBe(200) // everybody else's are theirs
    await write(late.accountId, { decidesFrom: new Date() })
    expect(await begin(await raise(giver))).toBe(200)
  })

  it('nor about others whom the same hand let in lately, nor where nobody is named about any administrator', async () => {
    const puppet = (await gateway.person('staff')).account.id
    await write(puppet, { decidesFrom: inADay(), decidesGivenBy: giver })
    expect(await begin(await raise(puppet))).toBe('giver_involved')
    await write(late.accountId, { decidesGivenBy: null })
    expect(await begin(await raise(giver))).toBe('giver_involved')
    expect(await begin(await raise(clerk))).toBe(200)
  })

  it('nor about what warns of the system itself: who was made what by whom', async () => {
    expect(await begin(await raise(clerk, { rule: 'power-change' }))).toBe('giver_involved')
    expect(await begin(await raise(clerk, { rule: 'power-change' }), gao)).toBe(200)
  })

  it('nor silences their giver, or everybody', async () => {
    expect(await silence(giver)).toBe('giver_involved')
    expect(await silence()).toBe('giver_involved')
    expect([await silence(clerk), await silence(undefined, gao)]).toEqual([200, 200])
  })

  it('nor puts such an alert, or one on themself, into another one', async () => {
    const main = { id: await raise(clerk) }
    const merge = (by: TestClient, version: number, id: string) =>
      by.call('alertMerge', { params: main, body: { version, ids: [id] } })
    const about = await raise(giver)
    expect((await merge(late, 0, about)).body.code).toBe('giver_involved')
    expect((await merge(gao, 0, await raise(gao.accountId))).body.code).toBe('own_account')
    // A colleague did: closing the one would close the other.
    expect((await merge(gao, 0, about)).status).toBe(200)
    expect(await begin(main.id)).toBe('giver_involved')
    expect(await begin(main.id, gao)).toBe(200)
  })
})
