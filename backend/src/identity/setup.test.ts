import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { accounts, settings } from '../record-store/schema.js'
import { eventOf } from '../testing/browser.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { SetupService } from './setup.service.js'

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms()))
afterAll(() => rooms.stop())

const newCode = async () => (await rooms.app.get(SetupService).ensureSetupCode()) ?? ''
let addresses = 0
const setUp = (code: string, username: string) =>
  rooms
    .browser(`10.0.0.${++addresses}`)
    .post('/setup', { code, username, display_name: 'First', password: 'a password of some length' })

describe('first-run setup', () => {
  it('needs a first administrator, and shows no trace of the code', async () => {
    expect((await rooms.browser().get('/setup')).body).toEqual({ needed: true, password_min: 12 })
    const code = await newCode()
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(JSON.stringify(await rooms.records.db.select().from(settings))).not.toContain(code.slice(0, 9))
  })

  it('refuses a wrong code, and one that was shown long ago', async () => {
    const before = await newCode()
    for (let starts = 0; starts < 5; starts++) await newCode()
    for (const code of ['0000-0000-0000-0000', '', before]) {
      const answer = await setUp(code, 'admin')
      expect(answer).toMatchObject({ status: 403, body: { code: 'wrong_setup_code' } })
      expect(eventOf(await rooms.events(), answer)).toMatchObject({ action: 'role_change', outcome: 'refused' })
    }
  })

  it('makes one administrator, however many race, by whichever gateway’s code, and never another', async () => {
    // Gateways that start at once on one database: each prints a code, and none takes back another’s.
    const codes = await Promise.all([newCode(), newCode(), newCode()])
    const typed = codes.map((each) => each.toLowerCase().replaceAll('-', ' '))
    const answers = await Promise.all(typed.map((each, n) => setUp(each, `first-${n}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const won = answers.find(({ status }) => status === 200)
    expect(won?.body).toEqual({ next: 'enrol', factors: [] })
    const admins = await rooms.records.db.select().from(accounts).where(eq(accounts.role, 'admin'))
    expect(admins).toHaveLength(1)
    expect(won && eventOf(await rooms.events(), won)).toMatchObject({
      action: 'role_change',
      outcome: 'granted',
      actor: admins[0]?.id,
      subject: admins[0]?.id,
    })
    expect((await rooms.browser().get('/setup')).body).toEqual({ needed: false, password_min: 12 })
    for (const each of codes)
      expect(await setUp(each, 'four')).toMatchObject({ status: 409, body: { code: 'setup_done' } })
    expect(await newCode()).toBe('')
  })
})
