import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Measure, StepUpDetail } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { accounts, sessions } from '../record-store/schema.js'
import { striped } from '../vault/testing/pictures.js'
import { clientOf, type Detail } from '../vault/testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../vault/testing/start-vault.js'
import { TotpService } from './totp.service.js'

const purpose = 'identity_check'

describe('measures below a freeze', () => {
  let vault: VaultUnderTest
  let clerk: Person
  let customer: Detail
  let photo: string
  let secret: string

  beforeAll(async () => {
    vault = await startVault()
    clerk = await vault.signIn('staff')
    const client = clientOf(vault, clerk)
    customer = await client.create()
    photo = (await client.upload(customer.id, await striped().jpeg().toBuffer())).json<{ id: string }>().id
    secret = await vault.app.get(TotpService).install(clerk.id)
  })
  afterAll(() => vault?.stop())

  /** A code that was not used yet: an app would make one wait half a minute. */
  const code = async (): Promise<string> => {
    await vault.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, clerk.id))
    return generateSync({ secret })
  }
  const put = async (over: Partial<Measure> & Pick<Measure, 'kind'>, seconds = 600): Promise<void> => {
    const until = new Date(Date.now() + seconds * 1000).toISOString()
    const measure = { rule: 'bulk', rule_version: '1', alert_id: 'a', reason: 'Bulk', until, ...over }
    await vault.records.db
      .update(accounts)
      .set({ measures: [measure], throttledAt: null })
      .where(eq(accounts.id, clerk.id))
  }
  const send = (method: 'GET' | 'POST', url: string, payload?: object, headers: Record<string, string> = {}) =>
    vault.app.inject({ method, url: `/api/v1${url}`, headers: { cookie: clerk.cookie, ...headers }, payload })
  const reveal = (stepUp?: string, fields = ['name']) =>
    send('POST', `/customers/${customer.id}/reveal`, { fields, purpose }, stepUp ? { 'custodia-step-up': stepUp } : {})
  const codeOf = (reply: { json(): unknown }): unknown => (reply.json() as { code?: string }).code
  const eventOf = async (reply: { headers: Record<string, unknown> }) =>
    (await vault.events()).find(({ id }) => id === reply.headers['custodia-event-id'])
  const asked = async (): Promise<StepUpDetail> => {
    const refused = await reveal()
    expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'step_up_required'])
    expect(await eventOf(refused)).toMatchObject({ action: 'reveal', outcome: 'refused', reason: 'step_up_required' })
    return refused.json<{ step_up: StepUpDetail }>().step_up
  }
  const prove = async (id: string, body?: object) =>
    send('POST', `/auth/step-ups/${id}`, body ?? { code: await code() })

  describe('step_up', () => {
    beforeAll(() => put({ kind: 'step_up' }))

    it('asks for a fresh proof, which is good for that one request, once', async () => {
      const { id, factors } = await asked()
      expect(factors).toEqual(['totp'])
      expect((await reveal(id)).statusCode).toBe(403) // asked for, not given
      expect((await prove(id)).statusCode).toBe(204)
      expect((await reveal(id, ['phone'])).statusCode).toBe(403) // another request
      expect((await reveal(id)).json()).toMatchObject({ name: '张伟强' })
      expect((await reveal(id)).statusCode).toBe(403) // used
    })

    it('takes no old code, no wrong one, and nothing for another session', async () => {
      const { id } = await asked()
      const used = await code()
      expect((await prove(id, { code: used })).statusCode).toBe(204)
      const next = await asked()
      expect(codeOf(await prove(next.id, { code: used }))).toBe('bad_credentials')
      expect(codeOf(await prove(id))).toBe('conflict')
      expect((await prove(next.id, {})).statusCode).toBe(400)
      const stranger = await vault.signIn('staff')
      const others = await vault.app.inject({
        method: 'POST',
        url: `/api/v1/auth/step-ups/${next.id}`,
        headers: { cookie: stranger.cookie },
        payload: { code: await code() },
      })
      expect(others.statusCode).toBe(404)
      await vault.records.db
        .update(sessions)
        .set({ id: `${clerk.session}-x` })
        .where(eq(sessions.id, clerk.session))
      expect((await reveal(id)).statusCode).toBe(403)
      await vault.records.db
        .update(sessions)
        .set({ id: clerk.session })
        .where(eq(sessions.id, `${clerk.session}-x`))
      expect((await reveal(id)).statusCode).toBe(200)
    })

    it('leaves what is masked anyway alone', async () => {
      expect((await send('GET', `/customers/${customer.id}`)).statusCode).toBe(200)
    })
  })

  it('mask: plain values come masked, photos blurred, and the event says so', async () => {
    await put({ kind: 'mask' })
    const reply = await reveal()
    expect(reply.json()).toEqual({ name: '张*' })
    expect(await eventOf(reply)).toMatchObject({ outcome: 'held', reason: 'masked' })
    const full = await send('GET', `/photos/${photo}?purpose=${purpose}`)
    const thumbnail = await send('GET', `/photos/${photo}/thumbnail`)
    expect(full.headers['content-type']).toBe('image/webp')
    expect(full.rawPayload.equals(thumbnail.rawPayload)).toBe(true)
    const ids = { customer_ids: [customer.id], fields: ['name', 'phone'], purpose }
    expect((await clientOf(vault, clerk).prove('POST', '/customers/export', ids)).body).toContain('"张*","138****5678"')
  })

  it('block: this kind of access is refused, and no other', async () => {
    await put({ kind: 'block', action: 'reveal' })
    const refused = await reveal()
    expect({ status: refused.statusCode, ...refused.json<object>() }).toMatchObject({
      status: 403,
      code: 'access_blocked',
      rule: 'bulk',
    })
    expect((await send('GET', `/photos/${photo}?purpose=${purpose}`)).statusCode).toBe(200)
  })

  it('throttle: a few at once, then one now and then; thumbnails and one’s own pages are left alone', async () => {
    await put({ kind: 'throttle' })
    const answers = await Promise.all(Array.from({ length: 9 }, () => send('GET', `/customers/${customer.id}`)))
    const slowed = answers.filter(({ statusCode }) => statusCode === 429)
    expect(slowed).toHaveLength(4)
    for (const reply of slowed) expect([codeOf(reply), reply.headers['retry-after']]).toEqual(['slowed_down', '10'])
    expect((await send('GET', `/photos/${photo}/thumbnail`)).statusCode).toBe(200)
    expect((await send('GET', '/me')).statusCode).toBe(200)
  })

  it('is over when its time is, whether or not somebody has cleared it away', async () => {
    await put({ kind: 'block', action: 'reveal' }, -1)
    expect((await reveal()).statusCode).toBe(200)
  })
})
