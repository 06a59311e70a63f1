import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Recovery } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { AdminModule } from '../admin/admin.module.js'
import type { Account } from '../identity/account.js'
import { NoticesModule } from '../notices/notices.module.js'
import { aChannel } from '../notices/testing/channel.js'
import { startMailServer } from '../notices/testing/mail-server.js'
import { accounts, devices, noticeChannels, recoveries } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Answer, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { until } from '../testing/settled.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { Lapses } from './lapses.js'
import { RecoveryModule } from './recovery.module.js'

const duty = 'duty@example.com'
const counts = { decidesFrom: null, decidesGivenBy: null }
const mailOf = (text: string) => text.replaceAll('=\r\n', '').replaceAll('=3D', '=')

describe('a lost factor', () => {
  let rooms: Rooms
  let post: Awaited<ReturnType<typeof startMailServer>>
  let one: { account: Account; browser: Browser }
  let two: { account: Account; browser: Browser }
  let clerk: { account: Account; browser: Browser }

  beforeAll(async () => {
    post = await startMailServer()
    const modules = [ResponseModule, NoticesModule, AdminModule, RecoveryModule]
    rooms = await startRooms(modules, undefined, { CUSTODIA_NOTICES_ALLOW: '127.0.0.1' })
    one = await rooms.signedIn('admin')
    two = await rooms.signedIn('admin')
    const { port } = post
    const config = {
      kind: 'email' as const,
      host: '127.0.0.1',
      port,
      security: 'none' as const,
      from: 'c@example.com',
      to: [duty],
    }
    expect((await one.browser.post('/notices/channels', aChannel({ config }))).status).toBe(200)
  })
  afterAll(async () => {
    await rooms?.stop()
    await post?.stop()
  })
  beforeEach(async () => {
    post.mails.length = 0
    clerk = await rooms.signedIn('staff')
    await address(clerk.account.id, 'clerk@example.com')
  })

  const address = (id: string, email: string) =>
    fresh(rooms, one.browser, 'PATCH', `/accounts/${id}`, { email, reason: 'as they say' })
  const codeOf = ({ status, body }: Answer) => [status, body['code']]
  const ask = (by = one.browser, id = clerk.account.id) =>
    by.post(`/accounts/${id}/recovery`, { reason: 'lost the phone' })
  const asked = async () => (await ask()).body as unknown as Recovery
  const approve = (id: string, by = two.browser, body: object = {}) =>
    fresh(rooms, by, 'POST', `/recoveries/${id}/approve`, body)
  const finish = (id: string, by = one.browser) => fresh(rooms, by, 'POST', `/recoveries/${id}/finish`)
  const waitedFor = (id: string) =>
    rooms.records.db
      .update(recoveries)
      .set({ dueAt: new Date(Date.now() - 1000) })
      .where(eq(recoveries.id, id))
  /** to people; the alerts go to those on duty */
  const letters = () => post.mails.filter(({ to }) => !to.includes(duty))
  const linkIn = (letter: number) => /\/recovery#(\S+)/.exec(mailOf(letters()[letter]?.text ?? ''))?.[1] ?? ''
  const alarms = async () => {
    const raised = await raisedAlerts(rooms.log)
    return raised
      .filter(({ rule, actor }) => rule === 'factor-reset' && actor === clerk.account.id)
      .map(({ title }) => title)
  }

  it('is reset by two, after a notice and a waiting time; a link takes the place of everything before', async () => {
    const { id } = await asked()
    const approved = await approve(id)
    expect(approved.body).toMatchObject({ state: 'waiting', told: 'mail', approved_by: two.account.id })
    const inHours = (Date.parse(String(approved.body['due_at'])) - Date.now()) / 3_600_000
    expect(Math.round(inHours)).toBe(24)
    expect(letters()).toMatchObject([{ to: ['clerk@example.com'] }])
    expect(codeOf(await finish(id))).toEqual([409, 'too_early'])
    await waitedFor(id)
    const done = await finish(id)
    expect(done.status).toBe(200)
    expect(eventOf(await rooms.events(), done)).toMatchObject({
      action: 'factor_change',
      record_id: id,
      subject: clerk.account.id,
    })
    expect((await clerk.browser.get('/me')).status).toBe(401)
    expect(await rooms.records.db.select().from(devices).where(eq(devices.accountId, clerk.account.id))).toEqual([])
    const { username } = clerk.account
    expect(codeOf(await rooms.browser().post('/auth/password', { username, password: testPassword }))).toEqual([
      401,
      'bad_credentials',
    ])
    const token = String(done.body['link']).split('#')[1]
    const back = await rooms.browser().post('/invitations/accept', { token, password: 'four quiet rivers meet' })
    expect(back.body).toEqual({ next: 'enrol', factors: [] })
    expect(codeOf(await finish(id))).toEqual([409, 'conflict'])
    expect(await until(async () => ((await alarms()).length === 2 ? alarms() : undefined))).toEqual([
      'A reset of factors was approved',
      'Somebody’s factors were reset',
    ])
    expect(JSON.stringify(await rooms.events())).not.toContain(token)
  })

  it('is nobody’s alone, and nobody’s own', async () => {
    const { id } = await asked()
    expect(codeOf(await approve(id, one.browser))).toEqual([409, 'second_person_required'])
    expect(codeOf(await ask(one.browser, one.account.id))).toEqual([403, 'own_account'])
    expect(codeOf(await ask(two.browser))).toEqual([409, 'conflict'])
    const mine = (await ask(one.browser, two.account.id)).body as unknown as Recovery
    expect(codeOf(await approve(mine.id))).toEqual([403, 'own_account'])
    expect(codeOf(await two.browser.post(`/recoveries/${mine.id}/stop`, { reason: 'n' }))).toEqual([
      400,
      'invalid_input',
    ])
    expect(codeOf(await two.browser.post(`/recoveries/${mine.id}/stop`, { reason: 'never' }))).toEqual([
      403,
      'own_account',
    ])
    expect((await two.browser.post('/me/recovery/cancel')).status).toBe(204)
    const unproven = await two.browser.post(`/recoveries/${id}/approve`, {})
    expect(codeOf(unproven)).toEqual([403, 'step_up_required'])
    expect(letters()).toEqual([])
    for (const role of ['staff', 'analyst', 'auditor'] as const) {
      const { browser } = await rooms.signedIn(role)
      expect(codeOf(await ask(browser))).toEqual([403, 'not_allowed'])
    }
  })

  it('of the house is no matter of the demonstration, whose passwords lie in a file: not asked, not approved, not carried out', async () => {
    const demo = await rooms.signedIn('admin')
    const write = (id: string) => rooms.records.db.update(accounts).set({ demo: true }).where(eq(accounts.id, id))
    await write(demo.account.id)
    expect(codeOf(await ask(demo.browser))).toEqual([409, 'second_person_required'])
    const { id } = await asked()
    expect(codeOf(await approve(id, demo.browser))).toEqual([409, 'second_person_required'])
    expect(letters()).toEqual([])
    await approve(id)
    await waitedFor(id)
    const refused = await finish(id, demo.browser)
    expect(codeOf(refused)).toEqual([409, 'second_person_required'])
    expect(refused.body['link']).toBeUndefined()
    expect((await clerk.browser.get('/me')).status).toBe(200)
    const other = await rooms.signedIn('staff')
    await write(other.account.id)
    expect((await ask(demo.browser, other.account.id)).status).toBe(200) // of its own people it is
  })

  it('is not reset when the person says no, from a session or by the link; everybody hears of it', async () => {
    const first = await asked()
    await approve(first.id)
    expect((await clerk.browser.get('/me')).body).toMatchObject({
      recovery: { reason: 'lost the phone', asked_by_name: 'admin' },
    })
    expect((await clerk.browser.post('/me/recovery/cancel')).status).toBe(204)
    await waitedFor(first.id)
    expect(codeOf(await finish(first.id))).toEqual([409, 'conflict'])
    const second = await asked()
    await approve(second.id)
    const stranger = rooms.browser()
    expect(codeOf(await stranger.post('/auth/recovery/cancel', { token: 'x'.repeat(43) }))).toEqual([
      410,
      'invitation_invalid',
    ])
    const token = linkIn(1)
    expect((await stranger.post('/auth/recovery/cancel', { token })).status).toBe(204)
    expect(codeOf(await stranger.post('/auth/recovery/cancel', { token }))).toEqual([410, 'invitation_invalid'])
    expect((await clerk.browser.get('/me')).body['recovery']).toBeUndefined()
    const titles = await until(async () => ((await alarms()).length === 4 ? alarms() : undefined))
    expect(titles.filter((title) => title.includes('stopped'))).toHaveLength(2)
  })

  it('tells the address before as well, when it was changed lately', async () => {
    await address(clerk.account.id, 'mallory@example.com')
    await address(clerk.account.id, 'mallory2@example.com')
    expect(letters().map(({ to }) => to)).toEqual([['clerk@example.com'], ['mallory@example.com']]) // each hears of it
    post.mails.length = 0
    const { id } = await asked()
    await approve(id)
    // The first was none: the clerk's own was set a moment ago, too.
    expect(letters()[0]?.to).toContain('mallory2@example.com')
    const other = await rooms.signedIn('staff')
    const longAgo = { email: 'other@example.com', emailChangedAt: new Date(0) }
    await rooms.records.db.update(accounts).set(longAgo).where(eq(accounts.id, other.account.id))
    for (const email of ['m1@example.com', 'm2@example.com']) await address(other.account.id, email)
    post.mails.length = 0
    const next = (await ask(one.browser, other.account.id)).body as unknown as Recovery
    await approve(next.id)
    expect(letters()[0]?.to).toEqual(['m2@example.com', 'other@example.com'])
  })

  it('is not approved before the person is told: by mail, or by somebody who says how', async () => {
    await rooms.records.db.update(noticeChannels).set({ settings: { ...aChannel(), enabled: false } as never })
    const { id } = await asked()
    expect(codeOf(await approve(id))).toEqual([409, 'notice_needed'])
    expect((await approve(id, two.browser, { told: 'at the counter' })).body).toMatchObject({
      state: 'waiting',
      told: 'other',
    })
    await rooms.records.db.update(noticeChannels).set({ settings: { ...aChannel(), enabled: true } as never })
  })

  it('is approved and finished once, whoever comes at the same time, and lapses when nobody goes on', async () => {
    const { id } = await asked()
    const three = await rooms.signedIn('admin')
    const approvals = await Promise.all([approve(id), approve(id, three.browser)])
    expect(approvals.map(({ status }) => status).sort()).toEqual([200, 409])
    await waitedFor(id)
    const finishes = await Promise.all([finish(id), finish(id)])
    expect(finishes.map(({ status }) => status).sort()).toEqual([200, 409])
    const other = await rooms.signedIn('staff')
    const forgotten = (await ask(one.browser, other.account.id)).body as unknown as Recovery
    const longAgo = new Date(Date.now() - 8 * 86_400_000)
    await rooms.records.db.update(recoveries).set({ askedAt: longAgo }).where(eq(recoveries.id, forgotten.id))
    expect(codeOf(await approve(forgotten.id))).toEqual([409, 'conflict'])
    await rooms.app.get(Lapses).sweep()
    const lapsed = (await rooms.events()).filter(({ reason }) => reason === 'lapsed')
    expect(lapsed).toEqual([
      expect.objectContaining({
        action: 'approval',
        outcome: 'failed',
        actor: 'system',
        record_id: forgotten.id,
        subject: other.account.id,
      }),
    ])
    expect((await ask(one.browser, other.account.id)).status).toBe(200)
  })

  it('is finished by one of the two who agreed, as long as they decide: whoever does has the link', async () => {
    const three = await rooms.signedIn('admin')
    const longAgo = new Date(Date.now() - 30 * 86_400_000)
    await rooms.records.db.update(accounts).set({ createdAt: longAgo }).where(eq(accounts.id, one.account.id))
    const judge = await rooms.signedIn('manager')
    const { id } = (await ask(one.browser, judge.account.id)).body as unknown as Recovery
    expect((await approve(id, two.browser, { told: 'face to face' })).status).toBe(200)
    await waitedFor(id)
    const refused = await finish(id, three.browser)
    expect(codeOf(refused)).toEqual([409, 'second_person_required'])
    expect(refused.body['link']).toBeUndefined()
    // Whose door or role was changed by one alone since: it may be them.
    const given = { decidesFrom: new Date(Date.now() + 3_600_000), decidesGivenBy: three.account.id }
    await rooms.records.db.update(accounts).set(given).where(eq(accounts.id, two.account.id))
    expect(codeOf(await finish(id, two.browser))).toEqual([409, 'decider_too_new'])
    await rooms.records.db.update(accounts).set(counts).where(eq(accounts.id, two.account.id))
    expect((await judge.browser.get('/me')).status).toBe(200)

    expect((await finish(id, two.browser)).status).toBe(200)
    // Two said that there is a new way in; one of them has it in their hand.
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, judge.account.id))
    expect(row?.decidesGivenBy).toBe(two.account.id)
    expect(row?.decidesFrom?.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000)
  })

  it('ends every program of the person, too', async () => {
    const body = { name: 'x', scopes: ['customer.search'], days: 9 }
    const made = await fresh(rooms, clerk.browser, 'POST', '/me/tokens', body)
    const headers = { authorization: `Bearer ${String(made.body['token'])}` }
    const use = async () => codeOf(await rooms.browser().send('GET', '/api/v1/me/tokens', undefined, headers))
    expect(await use()).toEqual([403, 'not_allowed'])
    const { id } = await asked()
    await approve(id)
    await waitedFor(id)
    expect((await finish(id)).status).toBe(200)
    expect(await use()).toEqual([401, 'token_invalid'])
  })
})
