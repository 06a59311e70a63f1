import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { outbox, sessions } from '../record-store/schema.js'
import { eq } from 'drizzle-orm'
import { eventOf, type Answer, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import type { Account } from './account.js'

const password = 'four quiet rivers meet'

describe('the sealed code', () => {
  let rooms: Rooms
  let admin: { account: Account; browser: Browser }
  beforeAll(async () => {
    rooms = await startRooms()
    admin = await rooms.signedIn('admin')
  })
  afterAll(() => rooms?.stop())

  const codeOf = ({ status, body }: Answer) => [status, body['code']]
  const issue = async (by = admin.browser) => String((await fresh(rooms, by, 'POST', '/sealed-code')).body['code'])
  const use = (code: string, username = admin.account.username, browser = rooms.browser()) =>
    browser.post('/auth/sealed-code', { username, code, password })

  it('is printed by an administrator with a fresh proof, and never shown again', async () => {
    expect(codeOf(await admin.browser.post('/sealed-code'))).toEqual([403, 'step_up_required'])
    expect((await admin.browser.get('/sealed-code')).body).toEqual({})
    const code = await issue()
    expect(code).toMatch(/^(\w{4}-){5}\w{4}$/)
    const state = await admin.browser.get('/sealed-code')
    expect(state.body).toMatchObject({ issued_by_name: 'admin' })
    const said = JSON.stringify([state.body, await rooms.events()])
    expect(said).not.toContain(code)
    const { browser } = await rooms.signedIn('analyst')
    expect(codeOf(await browser.post('/sealed-code'))).toEqual([403, 'not_allowed'])
  })

  it('lets an administrator in to enrol anew and do nothing else, for a quarter of an hour, and alarms everybody', async () => {
    const code = await issue()
    const browser = rooms.browser()
    const answer = await use(code.toLowerCase().replaceAll('-', ' '), undefined, browser)
    expect(answer).toMatchObject({ status: 200, body: { next: 'enrol', factors: [] } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'sign_in',
      outcome: 'granted',
      factor: 'sealed_code',
      actor: admin.account.id,
      reason: 'sealed_code',
    })
    expect(codeOf(await browser.get('/recoveries'))).toEqual([404, 'not_found'])
    expect(codeOf(await browser.get('/sealed-code'))).toEqual([403, 'enrolment_required'])
    expect((await admin.browser.get('/me')).status).toBe(401)
    const before = await rooms
      .browser()
      .post('/auth/password', { username: admin.account.username, password: testPassword })
    expect(codeOf(before)).toEqual([401, 'bad_credentials'])
    const open = await rooms.records.db.select().from(sessions).where(eq(sessions.level, 'first_factor'))
    const minutes = open.filter(({ endedAt }) => !endedAt).map(({ expiresAt }) => (+expiresAt - Date.now()) / 60_000)
    expect(minutes.every((left) => left <= 15)).toBe(true)
    const raised = await rooms.records.db.select().from(outbox).where(eq(outbox.topic, 'alerts'))
    expect(raised.at(-1)?.value).toMatchObject({
      alert: {
        rule: 'break-glass',
        severity: 'critical',
        actor: admin.account.id,
        respond: [{ do: 'alert' }, { do: 'notify' }],
      },
    })
    // Those on duty see it on every page, until a new one is printed.
    const analyst = await rooms.signedIn('analyst')
    expect((await analyst.browser.get('/me')).body).toMatchObject({ sealed_code_used: { name: 'admin' } })
    const clerk = await rooms.signedIn('staff')
    expect((await clerk.browser.get('/me')).body['sealed_code_used']).toBeUndefined()
    admin = await rooms.signedIn('admin')
    await issue()
    expect((await analyst.browser.get('/me')).body['sealed_code_used']).toBeUndefined()
  })

  it('is good once, however many come with it', async () => {
    const code = await issue()
    const answers = await Promise.all(Array.from({ length: 4 }, () => use(code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(codeOf(await use(code))).toEqual([401, 'bad_credentials'])
    admin = await rooms.signedIn('admin')
  })

  it('is void once a new one is printed', async () => {
    const [before, after] = [await issue(), await issue()]
    expect(codeOf(await use(before))).toEqual([401, 'bad_credentials'])
    expect((await use(after)).status).toBe(200)
    admin = await rooms.signedIn('admin')
  })

  it('opens no other account, and does not tell which names are administrators', async () => {
    const code = await issue()
    const clerk = await rooms.signedIn('staff')
    const answers = [await use(code, clerk.account.username), await use(code, 'nobody.here'), await use('0'.repeat(24))]
    for (const answer of answers) expect(codeOf(answer)).toEqual([401, 'bad_credentials'])
    expect((await use(code)).status).toBe(200)
  })
})
