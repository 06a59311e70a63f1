import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq, sql } from 'drizzle-orm'
import { generateSync } from 'otplib'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { FreezesService } from '../response/freezes.service.js'
import { ResponseModule } from '../response/response.module.js'
import type { Answer, Browser } from '../testing/browser.js'
import { giveProof } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import type { Account } from './account.js'
import { clearFactors } from './factor-reset.js'
import { endSessionsOf } from './session-ends.js'
import { TotpService } from './totp.service.js'

describe('what was proven a moment before everything ended', () => {
  let rooms: Rooms
  let clerk: { account: Account; browser: Browser }
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule])
  })
  beforeEach(async () => {
    clerk = await rooms.signedIn('staff')
  })
  afterAll(() => rooms?.stop())

  const codeOf = ({ status, body }: Answer) => [status, body['code']]
  const waitsForALock = async () => {
    const { rows } = await rooms.records.db.execute(
      sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows.length > 0
  }
  /** The request has proven what it proves, and comes to its session as this is committed. */
  const as = async (change: (tx: Queries, id: string) => Promise<unknown>, request: () => Promise<Answer>) => {
    let answer: Promise<Answer> | undefined
    await rooms.records.db.transaction(async (tx) => {
      await lockAccount(tx, clerk.account.id)
      answer = request()
      await until(waitsForALock)
      await change(tx, clerk.account.id)
    })
    return answer as Promise<Answer>
  }
  const password = (browser: Browser) =>
    browser.post('/auth/password', { username: clerk.account.username, password: testPassword })

  it('opens nothing after a reset: the old password would enrol its thief', async () => {
    const thief = rooms.browser()
    const answer = await as(
      (tx, id) => clearFactors(tx, id, null),
      () => password(thief),
    )
    expect(codeOf(answer)).toEqual([401, 'bad_credentials'])
    expect((await thief.get('/me')).status).toBe(401)
  })

  it('nor after another password, another door, or as the account is closed', async () => {
    const set = (values: Partial<Account>) => (tx: Queries, id: string) =>
      tx.update(accounts).set(values).where(eq(accounts.id, id))
    const { passwordHash } = clerk.account
    for (const values of [{ passwordHash: 'another' }, { door: 'oidc' as const }]) {
      expect(codeOf(await as(set(values), () => password(rooms.browser())))).toEqual([401, 'bad_credentials'])
      await set({ door: 'password', passwordHash })(rooms.records.db, clerk.account.id)
    }
    const closed = await as(set({ status: 'disabled' }), () => password(rooms.browser()))
    expect(codeOf(closed)).toEqual([403, 'account_disabled'])
  })

  it('nor with a second factor, where the first one’s session was ended', async () => {
    const secret = await rooms.app.get(TotpService).install(clerk.account.id)
    await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, clerk.account.id))
    const thief = rooms.browser()
    expect((await password(thief)).body).toMatchObject({ next: 'second_factor' })
    const answer = await as(
      (tx, id) => endSessionsOf(tx, id, 'revoked'),
      () => thief.post('/auth/totp', { code: generateSync({ secret }) }),
    )
    expect(codeOf(answer)).toEqual([401, 'not_signed_in'])
  })

  it('tells whom a freeze stops of the freeze, in the browser whose session it ended, too', async () => {
    const order = { account: clerk.account.id, reason: 'a test', by: 'system', until: new Date(Date.now() + 60_000) }
    await rooms.records.db.transaction((tx) => rooms.app.get(FreezesService).byHand(tx, order))
    expect(codeOf(await clerk.browser.get('/me'))).toEqual([423, 'account_frozen'])
    expect(codeOf(await password(clerk.browser))).toEqual([423, 'account_frozen'])
  })

  it('nor sets a password over what was reset', async () => {
    const body = { current: testPassword, password: 'four quiet rivers meet' }
    const proof = await giveProof(rooms, (await clerk.browser.post('/me/password', body)).body)
    const answer = await as(
      (tx, id) => clearFactors(tx, id, null),
      () => clerk.browser.send('POST', '/api/v1/me/password', body, proof),
    )
    expect(answer.status).toBe(401)
    const [row] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, clerk.account.id))
    expect(row?.passwordHash).toBeNull()
  })
})
