import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { problems, routes, type RouteSpec } from '@custodia/contracts'
import { eq, sql } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { v7 as uuidv7 } from 'uuid'
import { sessionCookie } from '../identity/credential.js'
import { SoftwareAuthenticator } from '../identity/testing/authenticator.js'
import { accounts } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive } from '../testing/live-socket.js'
import { codeOf } from '../testing/people.js'
import { proofFor } from '../testing/proof.js'
import { until } from '../testing/settled.js'

const origin = 'http://localhost:8080'
const site = { origin, rpId: 'localhost' }
const unsafe = (Object.values(routes) as RouteSpec[]).filter(
  ({ method, door }) => method !== 'GET' && door !== 'ingest_token',
)
interface Said {
  code?: string
  detail: string
}
/** SCIM's errors have no place for a code of ours: there the sentence tells. */
const saidBy = ({ code, detail }: Said): string =>
  code ?? (detail === problems.wrong_origin.say ? 'wrong_origin' : detail)

describe('whoever tries to come in as somebody else', () => {
  let gateway: TestGateway
  let port: number
  let admin: TestClient
  beforeAll(async () => {
    gateway = await startTestGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
    port = await gateway.listen()
    admin = await gateway.signedIn('admin')
  })
  afterAll(() => gateway?.stop())

  const raw = (spec: RouteSpec, headers: Record<string, string>) =>
    gateway.app.inject({
      method: spec.method,
      url: `/api/v1${spec.path.replace(/:\w+/g, uuidv7())}`,
      headers: { host: 'localhost:8080', cookie: admin.cookieHeader(), ...headers },
    })
  const cookieOf = (client: TestClient, name: string): string =>
    client
      .cookieHeader()
      .split('; ')
      .find((pair) => pair.startsWith(`${name}=`)) ?? ''

  describe('by a form or a script of another site', () => {
    it.each([
      ['its origin', { origin: 'https://evil.example' }],
      ['our name at another port', { origin: 'http://localhost:8081' }],
      ['no origin to speak of', { origin: 'null' }],
      ['no origin, but a browser that tells', { 'sec-fetch-site': 'cross-site' }],
      ['another host of ours', { 'sec-fetch-site': 'same-site' }],
    ])('changes nothing on any route, with %s', async (_name, headers) => {
      expect(unsafe.length).toBeGreaterThan(40)
      for (const spec of unsafe) {
        const answer = await raw(spec, headers)
        expect([spec.path, answer.statusCode, saidBy(answer.json<Said>())]).toEqual([spec.path, 403, 'wrong_origin'])
      }
    })

    it.each<Record<string, string>>([
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ])('reads nothing either, with %j', async (headers) => {
      const answer = await raw(routes.people, headers)
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'wrong_origin'])
      expect((await raw(routes.people, { origin: 'http://localhost:8080' })).statusCode).toBe(200)
    })
  })

  describe('by a session made beforehand', () => {
    it('gains nothing: what the victim proves opens a session with a secret of its own', async () => {
      const [attacker, victim] = [await gateway.person('staff'), await gateway.person('staff')]
      const planted = gateway.stranger(attacker)
      const credentials = (person: typeof victim) => ({
        body: { username: person.account.username, password: person.password },
      })
      await planted.ok('signInPassword', credentials(attacker))
      const bait = planted.through(gateway.app) // the victim's browser, with the attacker's cookies
      await bait.ok('signInPassword', credentials(victim))
      await bait.ok('signInTotp', { body: { code: codeOf(victim) } })
      expect((await bait.ok('me')).id).toBe(victim.account.id)
      expect(cookieOf(bait, sessionCookie)).not.toBe(cookieOf(planted, sessionCookie))
      expect((await planted.call('me')).status).toBe(401)
    })

    it('nor by a value that is made up', async () => {
      const answer = await gateway.app.inject({
        url: '/api/v1/me',
        headers: { host: 'localhost:8080', cookie: `${sessionCookie}=${'A'.repeat(43)}` },
      })
      expect(answer.statusCode).toBe(401)
      expect(String(answer.headers['set-cookie'])).not.toContain(`${sessionCookie}=`)
    })
  })

  describe('by a socket', () => {
    const reaches = async (cookie: string, over: { origin?: string } = { origin }): Promise<boolean> => {
      const page = openLive(port, { cookie, ...over })
      let ended = false
      void page.ended.then(() => (ended = true))
      await until(() => ended || page.heard.begin.length)
      page.socket.disconnect()
      return page.heard.begin.length > 0
    }

    it('of another site, or with a cookie taken from its browser, hears nothing', async () => {
      const analyst = await gateway.signedIn('analyst')
      expect(await reaches(analyst.cookieHeader())).toBe(true)
      expect(await reaches(analyst.cookieHeader(), { origin: 'https://evil.example' })).toBe(false)
      expect(await reaches(cookieOf(analyst, sessionCookie))).toBe(false)
      const thief = await gateway.signedIn('analyst')
      const device = cookieOf(thief, '__Host-custodia-device')
      expect(await reaches(`${cookieOf(analyst, sessionCookie)}; ${device}`)).toBe(false)
    })
  })

  describe('by an app whose enrolment somebody began and left', () => {
    const begun = async () => {
      const person = await gateway.person('staff')
      const client = gateway.stranger(person)
      await client.signIn(person)
      const { secret } = await client.ok('totpBegin', { headers: await proofFor(gateway, client, 'totpBegin') })
      const confirm = (by = client) => by.call('totpConfirm', { body: { code: generateSync({ secret }) } })
      return { person, client, confirm }
    }

    it('confirms nothing in another session of the same person', async () => {
      const { person, client, confirm } = await begun()
      const thief = gateway.stranger(person)
      await thief.signIn(person)
      expect((await confirm(thief)).body.code).toBe('enrolment_over')
      expect((await confirm(client)).status).toBe(200)
      expect((await confirm(client)).body.code).toBe('enrolment_over') // once
    })

    it('confirms nothing after ten minutes, nor once the session that began it is over', async () => {
      const { person, client, confirm } = await begun()
      const { db } = gateway.records
      const age = (minutes: number) =>
        db
          .update(accounts)
          .set({ totpPendingAt: sql`now() - make_interval(mins => ${minutes})` })
          .where(eq(accounts.id, person.account.id))
      await age(10)
      expect((await confirm()).body.code).toBe('enrolment_over')
      await age(9)
      await client.ok('signOut')
      await client.signIn(person)
      expect((await confirm()).body.code).toBe('enrolment_over')
    })
  })

  describe('by a proof used before', () => {
    it('a code that signed in gives no fresh proof', async () => {
      const person = await gateway.person('staff')
      const client = gateway.stranger(person)
      await client.ok('signInPassword', { body: { username: person.account.username, password: person.password } })
      const code = generateSync({ secret: person.totpSecret })
      await client.ok('signInTotp', { body: { code } })
      const { body } = await client.call('recoveryCodesIssue')
      const { id } = (body as unknown as { step_up: { id: string } }).step_up
      expect((await client.call('stepUp', { params: { id }, body: { code } })).body.code).toBe('bad_credentials')
    })

    it('an answer of a passkey is good once, and a copy of the key is noticed by its counter', async () => {
      const client = await gateway.signedIn('staff')
      const key = new SoftwareAuthenticator()
      const headers = await proofFor(gateway, client, 'passkeyBegin')
      const begun = await client.ok('passkeyBegin', { headers })
      const response = key.register({ challenge: String(begun.options['challenge']), ...site })
      await client.ok('passkeyAdd', { body: { challenge_id: begun.challenge_id, name: 'key', response } })

      const answerWith = async (counter: number) => {
        const browser = gateway.stranger()
        const { challenge_id, options } = await browser.ok('passkeyOptions')
        const signed = key.sign({ challenge: String(options['challenge']), ...site, counter })
        return { browser, body: { challenge_id, response: signed } }
      }
      const { browser, body } = await answerWith(50)
      await browser.ok('signInPasskey', { body })
      expect((await gateway.stranger().call('signInPasskey', { body })).status).toBe(401)
      for (const counter of [50, 49, 0]) {
        const clone = await answerWith(counter)
        expect([counter, (await clone.browser.call('signInPasskey', { body: clone.body })).status]).toEqual([
          counter,
          401,
        ])
      }
    })
  })
})
