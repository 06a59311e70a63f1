import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { accounts, sessions } from '../../record-store/schema.js'
import type { Answer, Browser } from '../../testing/browser.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'
import { newAccount } from '../account.js'
import { sessionCookie } from '../credential.js'
import { startHostileProvider } from './testing/hostile-provider.js'
import { client } from './testing/provider.js'

const origin = 'http://localhost:8080'
const told = ({ status, body }: Answer) => [status, body['code'] ?? body['next']]

describe('whom the second factor of a trusted provider let in, and who has none of ours', () => {
  let provider: Awaited<ReturnType<typeof startHostileProvider>>
  let rooms: Rooms
  const { id, ...rest } = newAccount({
    username: 'vera',
    displayName: 'Vera',
    role: 'staff',
    passwordHash: null,
    door: 'oidc',
  })

  beforeAll(async () => {
    provider = await startHostileProvider()
    rooms = await startRooms([], undefined, {
      PUBLIC_URL: origin,
      CUSTODIA_OIDC_ISSUER: provider.issuer,
      CUSTODIA_OIDC_CLIENT_ID: client.client_id,
      CUSTODIA_OIDC_CLIENT_SECRET: client.client_secret,
      CUSTODIA_OIDC_TRUSTED_MFA: 'mfa',
    })
    await rooms.records.db.insert(accounts).values({ id, ...rest })
  })
  afterAll(async () => {
    await rooms.stop()
    await provider.stop()
  })

  const cameBy = async (): Promise<Browser> => {
    const browser = rooms.browser('10.1.1.9')
    const begun = await browser.post('/auth/oidc/begin')
    const sent = new URL(String(begun.body['url'])).searchParams
    const [nonce, state] = [String(sent.get('nonce')), String(sent.get('state'))]
    provider.tell({ claims: { nonce, sub: 'vera', preferred_username: 'vera', amr: ['pwd', 'mfa'] } })
    expect(told(await browser.post('/auth/oidc', { code: 'x', state, iss: provider.issuer }))).toEqual([200, 'done'])
    return browser
  }
  const stolen = ({ cookies }: Browser): Browser => {
    const thief = rooms.browser('10.1.1.9')
    thief.cookies.set(sessionCookie, String(cookies.get(sessionCookie)))
    return thief
  }

  it('lose their cookie for nothing: elsewhere it opens nothing and enrols nobody', async () => {
    const thief = stolen(await cameBy())
    for (const path of ['/me/totp', '/me/passkeys/options', '/me/password'])
      expect([path, ...told(await thief.post(path, {}))]).toEqual([path, 401, 'not_signed_in'])
    expect(told(await thief.get('/me'))).toEqual([401, 'not_signed_in'])
  })

  it('add nothing at a desk that was left long ago', async () => {
    const browser = await cameBy()
    const anHourAgo = new Date(Date.now() - 3_600_000)
    await rooms.records.db.update(sessions).set({ createdAt: anHourAgo }).where(eq(sessions.accountId, id))
    expect(told(await browser.post('/me/totp', {}))).toEqual([401, 'not_signed_in'])
  })

  it('are told to add one where a proof is wanted, add it while theirs is fresh, and prove with it from then on', async () => {
    const browser = await cameBy()
    expect(told(await browser.post('/me/recovery-codes', {}))).toEqual([403, 'enrolment_required'])
    const begun = await browser.post('/me/totp', {})
    expect(begun.status).toBe(200)
    const code = generateSync({ secret: String(begun.body['secret']) })
    expect(told(await browser.post('/me/totp/confirm', { code }))).toEqual([200, 'done'])
    expect(told(await browser.post('/me/recovery-codes', {}))).toEqual([403, 'step_up_required'])
    expect(told(await browser.post('/me/passkeys/options', {}))).toEqual([403, 'step_up_required'])
    expect(told(await stolen(browser).post('/me/passkeys/options', {}))).toEqual([401, 'second_factor_required'])
  })
})
