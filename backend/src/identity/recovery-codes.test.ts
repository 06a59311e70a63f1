import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { KEY_PROVIDER } from '../adapters.js'
import type { ProblemError } from '../gateway/problem.js'
import { recoveryCodes } from '../record-store/schema.js'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { openKeyFile } from '../vault/keys/key-file.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { fresh } from '../testing/proof.js'

let rooms: Rooms
beforeAll(async () => (rooms = await startRooms()))
afterAll(() => rooms.stop())

/** Somebody with an app, and codes issued without ceremony. */
async function aClerk() {
  const { account, browser } = await rooms.signedIn('staff')
  const codes = await rooms.app.get(RecoveryCodesService).issue(rooms.records.db, account.id)
  return { ...account, browser, codes }
}
const halfway = async (username: string, address?: string): Promise<Browser> => {
  const browser = rooms.browser(address)
  await browser.post('/auth/password', { username, password: testPassword })
  return browser
}
const use = (browser: Browser, code: string | undefined) => browser.post('/auth/recovery-code', { code })

describe('recovery codes', () => {
  it('are ten, of a hundred and twenty random bits each, and kept as keyed hashes', async () => {
    const { id, codes } = await aClerk()
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    const rows = await rooms.records.db.select().from(recoveryCodes).where(eq(recoveryCodes.accountId, id))
    expect(rows.map(({ hash }) => hash.length)).toEqual(Array.from({ length: 10 }, () => 32))
  })

  it('are nothing without the key that lies apart from the database', async () => {
    const { id, codes } = await aClerk()
    const verified = async (keys: KeyProvider) =>
      new RecoveryCodesService(rooms.records, keys).verify(id, codes[0] ?? '').then(
        () => 'right',
        ({ code }: ProblemError) => code,
      )
    const folder = await mkdtemp(join(tmpdir(), 'custodia-keys-'))
    const others = await openKeyFile(join(folder, 'keys.json'))
    await rm(folder, { recursive: true })
    expect([await verified(others), await verified(rooms.app.get(KEY_PROVIDER))]).toEqual(['bad_credentials', 'right'])
  })

  it('complete a sign-in after the password, once each, however they are typed', async () => {
    const { id, username, codes } = await aClerk()
    const browser = await halfway(username)
    const typed = ` ${codes[0]?.replaceAll('-', ' ').toLowerCase().replace('0', 'o')} `
    const answer = await use(browser, typed)
    expect(answer).toMatchObject({ status: 200, body: { next: 'done' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'sign_in',
      outcome: 'granted',
      factor: 'recovery_code',
      actor: id,
    })
    expect((await browser.get('/me/factors')).body).toMatchObject({ recovery_codes: { left: 9 } })
    expect((await use(await halfway(username, '10.1.1.1'), codes[0])).status).toBe(401)
  })

  it('are used by one of those who come at the same moment', async () => {
    const { username, codes } = await aClerk()
    const browsers = await Promise.all([1, 2, 3].map((n) => halfway(username, `10.2.2.${n}`)))
    const answers = await Promise.all(browsers.map((browser) => use(browser, codes[3])))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
  })

  it('are nobody else’s, and nothing without the password', async () => {
    const [clerk, other] = [await aClerk(), await aClerk()]
    expect((await use(await halfway(other.username), clerk.codes[0])).status).toBe(401)
    expect((await use(rooms.browser(), clerk.codes[0])).status).toBe(401)
  })

  it('are issued anew with a fresh proof only; the ones before no longer work', async () => {
    const { id, username, browser, codes } = await aClerk()
    expect(await browser.post('/me/recovery-codes')).toMatchObject({ status: 403, body: { code: 'step_up_required' } })
    const answer = await fresh(rooms, browser, 'POST', '/me/recovery-codes')
    expect(answer.body['codes']).toHaveLength(10)
    const event = eventOf(await rooms.events(), answer)
    expect(event).toMatchObject({ action: 'factor_change', factor: 'recovery_code', subject: id, count: 10 })
    expect((await use(await halfway(username), codes[1])).status).toBe(401)
    expect((await use(await halfway(username), (answer.body['codes'] as string[])[1])).status).toBe(200)
  })

  it('give a fresh proof where the app is lost, for that one request', async () => {
    const { browser, codes } = await aClerk()
    const asked = await browser.post('/me/totp')
    const { id, factors } = asked.body['step_up'] as { id: string; factors: string[] }
    expect(factors).toEqual(['totp', 'recovery_code'])
    expect((await browser.post(`/auth/step-ups/${id}`, { recovery_code: codes[0] })).status).toBe(204)
    const again = { 'custodia-step-up': id }
    expect((await browser.send('DELETE', '/api/v1/me/totp', undefined, again)).status).toBe(403)
    expect((await browser.send('POST', '/api/v1/me/totp', undefined, again)).status).toBe(200)
    expect((await browser.send('POST', '/api/v1/me/totp', undefined, again)).status).toBe(403)
  })

  it('are not guessed: five tries, then each waits', async () => {
    const { username } = await aClerk()
    const browser = await halfway(username, '10.3.3.3')
    for (let n = 0; n < 5; n++) expect((await use(browser, 'AAAA-BBBB-CCCC')).status).toBe(401)
    expect((await use(browser, 'AAAA-BBBB-CCCC')).status).toBe(429)
  })
})
