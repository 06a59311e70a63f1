import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  Role,
  routes,
  TokenScope,
  type AccessEvent,
  type Reach,
  type RouteName,
  type RouteSpec,
} from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { Policies } from '../gateway/policies.js'
import { presets } from '../gateway/policy-table.js'
import { accounts, sessions } from '../record-store/schema.js'
import type { Answer, TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { giveProof } from '../testing/proof.js'
import type { Asked } from './asked.js'
import { calls } from './route-calls.js'
import { RouteWorld, type Helpers } from './route-world.js'
import { askedByProgram, everyScopeBut, programOf, saidBy, scopeOf } from './token-world.js'

const names = Object.keys(routes) as RouteName[]
const specOf = (name: RouteName): RouteSpec => routes[name]
const behindDoor = names.filter((name) => ['session', 'first_factor'].includes(specOf(name).door))
/** Doors that an API token could be held up to. */
const toTokens = names.filter((name) => specOf(name).door !== 'public')
/** The other tokens are of sources. */
const toTokensOfPeople = toTokens.filter((name) => specOf(name).door !== 'ingest_token')
const tokenRoutes = toTokens.filter((name) => scopeOf(specOf(name)))
/** Routes that a customer, a person, an alert … is named to: in the address, or in the body. */
const withObject = behindDoor.filter((name) => specOf(name).path.includes(':') || name === 'customerExport')

/** Some routes name a version, too; a path with a hole is none of ours. */
const anyVersion = (id: string) => ({ id, number: '1' })

/** How far a role's right on this route reaches; one's own sessions, keys and proofs are one's own whatever the table says. */
const reachOf = ({ needs }: RouteSpec, role: Role, preset: keyof typeof presets = 'separation'): Reach | undefined =>
  needs === undefined || needs === 'own' ? 'own' : presets[preset].rows[needs][role]

/** Every route × every role × an object of somebody else: made out of the route table, so that a new route is attacked from its first day. */
describe('somebody else’s object', () => {
  let gateway: TestGateway
  let helpers: Helpers
  const refusals: { title: string; id: string; event: Partial<AccessEvent> }[] = []
  let attacks = 0

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CUSTODIA_API_RATE: '10000' } })
    helpers = {
      manager: await gateway.signedIn('manager'),
      analyst: await gateway.signedIn('analyst'),
      auditor: await gateway.signedIn('auditor'),
      admin: await gateway.signedIn('admin'),
    }
  })
  afterAll(() => gateway?.stop())

  const writeDown = (
    title: string,
    name: RouteName,
    actor: string | undefined,
    answer: Answer<RouteName>,
    more: Partial<AccessEvent> = {},
  ) => {
    attacks++
    const event = { action: specOf(name).event, ...(actor ? { actor } : {}), ...more }
    if (answer.eventId) refusals.push({ title, id: answer.eventId, event })
  }
  /** What is wrong with an answer that must be a refusal: nothing, if all is well. */
  const judge = (title: string, name: RouteName, answer: Answer<RouteName>, statuses: number[]): string[] => {
    const silent = specOf(name).event && !answer.eventId ? [`${title}: no event`] : []
    const told = Object.keys(answer.body).filter((key) => !harmless.has(key))
    return statuses.includes(answer.status)
      ? [...silent, ...told.map((key) => `${title}: tells ${key}`)]
      : [`${title}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`]
  }

  // separation last: what comes after is judged by it
  describe.each(['simple', 'separation'] as const)('under the preset %s', (preset) => {
    beforeAll(async () => {
      const policies = gateway.app.get(Policies)
      const { version, settings } = await policies.current()
      const change = { changed_at: new Date().toISOString(), changed_by: helpers.admin.accountId, reason: 'a test' }
      await policies.replace(gateway.records.db, version, { ...settings, preset }, change)
    })

    it.each(Role.options)('is refused to whoever is %s too, at another branch or beside the owner', async (role) => {
      const world = await RouteWorld.of(gateway, role, helpers)
      const strangers: [string, TestClient, Reach[]][] = [
        ['colleague', await gateway.signedIn(role), ['own']],
        ['other branch', await gateway.signedIn(role, { branch: 'chengdu' }), ['own', 'branch']],
      ]
      const wrong: string[] = []
      for (const name of withObject) {
        const spec = specOf(name)
        const reach = reachOf(spec, role, preset)
        if (reach === 'all') continue // the desk's work: alerts, rules and people belong to nobody in particular
        const { headers: owners, params, query, body, payload } = (await calls[name](world)) as Asked<'me'>
        const call = { params, query, body, payload }
        for (const [who, client, bars] of strangers) {
          if (reach && !bars.includes(reach)) continue
          const title = `${preset}, ${role}, ${who}: ${name}`
          const send = (headers: Record<string, string> = {}) => client.call(name as 'me', { ...call, headers })
          if (owners) {
            const borrowed = await send(owners) // the owner's proof serves nobody else
            wrong.push(...judge(`${title}, with the owner's proof`, name, borrowed, [401, 403]))
            writeDown(title, name, client.accountId, borrowed)
          }
          let answer = await send()
          if ('step_up' in answer.body) answer = await send(await giveProof(gateway, answer.body)) // with a proof of their own
          wrong.push(...judge(title, name, answer, reach ? [403, 404] : [403]))
          writeDown(title, name, client.accountId, answer)
        }
      }
      expect(wrong).toEqual([])
    })
  })

  it.each(Role.options)('and everything is refused to %s once frozen', async (role) => {
    const person = await gateway.person(role)
    const client = gateway.stranger(person)
    await client.signIn(person)
    const { id } = person.account
    await helpers.analyst.ok('personFreeze', { params: { id }, body: { reason: 'a test', minutes: 30 } })
    const wrong: string[] = []
    for (const name of behindDoor) {
      const answer = await client.call(name as 'me', { params: anyVersion(id) })
      if (answer.status !== 423 || answer.body.code !== 'account_frozen') wrong.push(`${name}: ${answer.status}`)
      if (!answer.eventId !== !specOf(name).event) wrong.push(`${name}: no event`)
      writeDown(`${role}, frozen: ${name}`, name, id, answer)
    }
    expect(wrong).toEqual([])
  })

  it('and to a session that was ended, that expired or that lay idle, as to nobody', async () => {
    const { db } = gateway.records
    const world = await RouteWorld.of(gateway, 'staff', helpers)
    const long = new Date(Date.now() - 1000)
    const ends: [string, Partial<typeof sessions.$inferInsert>][] = [
      ['ended', { endedAt: long, endReason: 'revoked' }],
      ['expired', { expiresAt: long }],
      ['idle', { lastSeenAt: new Date(Date.now() - 24 * 3_600_000) }],
    ]
    for (const [how, change] of ends) {
      const { person, client } = await world.anotherSignedIn()
      await db.update(sessions).set(change).where(eq(sessions.accountId, person.account.id))
      for (const name of behindDoor) {
        const answer = await client.call(name as 'me', { params: anyVersion(person.account.id) })
        expect([how, name, answer.status, answer.body.code]).toEqual([how, name, 401, 'not_signed_in'])
        writeDown(`${how}: ${name}`, name, undefined, answer)
      }
    }
  })

  describe('with an API token', () => {
    const byToken = ({ id: session }: { id: string }) => ({ session, factor: 'token' as const })

    it.each(Role.options)('%s gets nothing that it was not made for, whatever else it may do', async (role) => {
      const person = await gateway.person(role)
      const owner = { accountId: person.account.id }
      const lacking = new Map<TokenScope | undefined, Awaited<ReturnType<typeof programOf>>>()
      for (const scope of [undefined, ...TokenScope.options])
        lacking.set(scope, await programOf(gateway, owner, everyScopeBut(scope)))
      const wrong: string[] = []
      for (const name of toTokens) {
        const spec = specOf(name)
        const program = lacking.get(scopeOf(spec))
        if (!program) throw new Error(name)
        const ofSource = spec.door === 'ingest_token' // takes tokens of sources alone, and knows no person
        const answer = await program.call(name, { params: anyVersion(owner.accountId) })
        const title = `${role}, token without: ${name}`
        wrong.push(...judge(title, name, answer, [ofSource ? 401 : 403]))
        const said = saidBy(answer.body)
        if (said !== (ofSource ? 'ingest_token_invalid' : 'not_allowed')) wrong.push(`${title}: ${said}`)
        if (!ofSource) writeDown(title, name, owner.accountId, answer, byToken(program))
      }
      expect(wrong).toEqual([])
    })

    it.each(Role.options)(
      '%s gets with the one scope what the policy gives its owner, and nobody else’s',
      async (role) => {
        const world = await RouteWorld.of(gateway, role, helpers)
        const colleague = await gateway.person(role)
        const elsewhere = await gateway.person(role, { branch: 'chengdu' })
        const wrong: string[] = []
        for (const name of tokenRoutes) {
          const spec = specOf(name)
          const scope = scopeOf(spec) as TokenScope
          const reach = reachOf(spec, role)
          const asked = await askedByProgram(name, world)
          const strangers: [string, string][] = [
            ...(reach === 'own' ? [['colleague', colleague.account.id] as [string, string]] : []),
            ...(reach && reach !== 'all' ? [['other branch', elsewhere.account.id] as [string, string]] : []),
          ]
          for (const [who, accountId] of withObject.includes(name) ? strangers : []) {
            const thief = await programOf(gateway, { accountId }, [scope])
            const title = `${role}, token of ${who}: ${name}`
            const answer = await thief.call(name, asked)
            wrong.push(...judge(title, name, answer, [403, 404]))
            writeDown(title, name, accountId, answer, byToken(thief))
          }
          const program = await programOf(gateway, world.client, [scope])
          const title = `${role}, token with ${scope}: ${name}`
          const answer = await program.call(name, asked)
          const expected = reach ? (asked.status ?? (spec.reply ? 200 : 204)) : 403
          if (answer.status !== expected) wrong.push(`${title}: ${answer.status} ${JSON.stringify(answer.body)}`)
          if (!answer.eventId) wrong.push(`${title}: no event`)
          if (!reach) writeDown(title, name, program.accountId, answer, byToken(program))
        }
        expect(wrong).toEqual([])
      },
    )

    it('that is over, or whose owner has left or was let go, gets as much as one that was made up', async () => {
      const long = new Date(Date.now() - 1000)
      const ends: [string, Partial<typeof sessions.$inferInsert>, Partial<typeof accounts.$inferInsert>][] = [
        ['expired', { expiresAt: long }, {}],
        ['revoked', { endedAt: long, endReason: 'revoked' }, {}],
        ['frozen once', { endedAt: long, endReason: 'frozen' }, {}],
        ['of a leaver', {}, { status: 'disabled' }],
      ]
      for (const [how, session, account] of ends) {
        const { id: accountId } = (await gateway.person('manager')).account
        if (account.status) await gateway.records.db.update(accounts).set(account).where(eq(accounts.id, accountId))
        const program = await programOf(gateway, { accountId }, TokenScope.options, session)
        for (const name of toTokensOfPeople) {
          const answer = await program.call(name, { params: anyVersion(accountId) })
          expect([how, name, answer.status, saidBy(answer.body)]).toEqual([how, name, 401, 'token_invalid'])
          writeDown(`${how}: ${name}`, name, undefined, answer)
        }
      }
    })

    it('of somebody who is frozen hears so, on every route', async () => {
      const { id: accountId } = (await gateway.person('manager')).account
      const program = await programOf(gateway, { accountId }, TokenScope.options)
      const freeze = { params: { id: accountId }, body: { reason: 'a test', minutes: 30 } }
      await helpers.analyst.ok('personFreeze', freeze)
      for (const name of toTokensOfPeople) {
        const answer = await program.call(name, { params: anyVersion(accountId) })
        expect([name, answer.status]).toEqual([name, 423])
        expect([name, !answer.eventId]).toEqual([name, !specOf(name).event])
        writeDown(`frozen, token: ${name}`, name, accountId, answer, byToken(program))
      }
    })
  })

  it('each refusal with an event is in the log, under the name of whoever tried', async () => {
    await gateway.settled()
    const log = new Map<string, AccessEvent>()
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
      log.set(event.id, event)
    }
    expect(attacks).toBeGreaterThan(500)
    for (const { title, id, event: expected } of refusals) {
      const event = log.get(id)
      expect({ title, ...event }).toMatchObject({ title, ...expected })
      expect([title, ['refused', 'failed'].includes(event?.outcome ?? '')]).toEqual([title, true])
    }
  })
})

/** Members of a problem that say nothing of the object. */
const harmless = new Set(['type', 'title', 'status', 'detail', 'code', 'request_id', 'step_up', 'schemas'])
