import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  Role,
  routes,
  type AccessEvent,
  type ReplyOf,
  type RouteName,
  type Routes,
  type RouteSpec,
} from '@custodia/contracts'
import { readLog, verifyWriterChains } from '@custodia/streams/integrity'
import { presets } from '../gateway/policy-table.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import type { Asked } from './asked.js'
import { calls } from './route-calls.js'
import { RouteWorld, type Helpers } from './route-world.js'

interface Told {
  route: RouteName
  role: Role
  id: string
  actor: string | undefined
  target: Partial<AccessEvent>
  /** as the answer's status says */
  outcome: 'granted' | 'allowed' | 'refused' | 'failed'
}

const names = Object.keys(routes) as RouteName[]
const specOf = (name: RouteName): RouteSpec => routes[name]
const mayEver = ({ needs }: RouteSpec, role: Role): boolean =>
  !needs || presets.separation.rows[needs][role] !== undefined
const outcomeOf = (spec: RouteSpec, status: number): Told['outcome'] => {
  if (status < 300) return spec.held ? 'allowed' : 'granted'
  return [401, 403, 423, 429].includes(status) ? 'refused' : 'failed'
}

describe('every route of the document, asked for by every role', () => {
  let gateway: TestGateway
  let helpers: Helpers
  const told: Told[] = []
  const parts: string[][] = []

  beforeAll(async () => {
    gateway = await startTestGateway()
    helpers = {
      manager: await gateway.signedIn('manager'),
      analyst: await gateway.signedIn('analyst'),
      auditor: await gateway.signedIn('auditor'),
      admin: await gateway.signedIn('admin'),
    }
  })
  afterAll(() => gateway?.stop())

  it('is in the table of this test, and nothing else is', async () => {
    const { body } = await gateway.app
      .inject({ url: '/api/docs-json', headers: { host: 'localhost:8080' } })
      .then((reply) => ({ body: reply.json<{ paths: Record<string, Record<string, { operationId: string }>> }>() }))
    const documented = Object.values(body.paths).flatMap((methods) => Object.values(methods).map((m) => m.operationId))
    expect([...documented].sort()).toEqual([...names].sort())
    expect(Object.keys(calls).sort()).toEqual([...names].sort())
  })

  it('writes an event wherever a session reads anything but its own', () => {
    const silent = names.filter((name) => specOf(name).door === 'session' && !specOf(name).event)
    expect(silent.sort()).toEqual([])
  })

  it.each(Role.options)('answers %s as the policy says, and names the event of it', async (role) => {
    const world = await RouteWorld.of(gateway, role, helpers)
    const wrong: string[] = []
    for (const name of names) {
      const spec = specOf(name)
      const { by = world.client, actor, status, target, made, ...call } = (await calls[name](world)) as Asked<'me'>
      const answer = await by.call(name as 'me', call)
      const may = mayEver(spec, role)
      const expected = may ? (status ?? (spec.reply ? 200 : 204)) : 403
      if (answer.status !== expected)
        wrong.push(`${name}: ${answer.status} instead of ${expected} ${JSON.stringify(answer.body)}`)
      if (!spec.event !== !answer.eventId) wrong.push(`${name}: event ${answer.eventId ?? 'not named'}`)
      if (!answer.eventId) continue
      const served = answer.status < 300
      told.push({
        route: name,
        role,
        id: answer.eventId,
        actor: actor === null ? undefined : (actor ?? by.accountId),
        target: { ...target, ...(served ? made?.(answer.body) : {}) },
        outcome: outcomeOf(spec, answer.status),
      })
      if (name === 'ruleApproveEach' && served) gateway.heard.push(...namedIn(answer.body))
      if (name === 'customerExport' && served) parts.push([answer.eventId, world.customer.id])
    }
    expect(wrong).toEqual([])
  })

  it('tells whoever has no session nothing but to sign in', async () => {
    const world = await RouteWorld.of(gateway, 'staff', helpers)
    for (const name of names.filter((name) => ['session', 'first_factor'].includes(specOf(name).door))) {
      const answer = await gateway.stranger().call(name as 'me', (await calls[name](world)) as Asked<'me'>)
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'not_signed_in'])
      expect(Object.keys(answer.body).sort()).toEqual(['code', 'detail', 'request_id', 'status', 'title', 'type'])
    }
  })

  it('gives nothing of the vault to a session that has shown a password only', async () => {
    const world = await RouteWorld.of(gateway, 'staff', helpers)
    const { person, client } = await world.another()
    await client.ok('signInPassword', { body: { username: person.account.username, password: person.password } })
    for (const name of names.filter((name) => specOf(name).door === 'session')) {
      const { target, ...call } = (await calls[name](world)) as Asked<'me'>
      const answer = await client.call(name as 'me', call)
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'second_factor_required'])
      if (answer.eventId)
        told.push({
          route: name,
          role: 'staff',
          id: answer.eventId,
          actor: client.accountId,
          target: { ...target },
          outcome: 'refused',
        })
      expect(Boolean(answer.eventId)).toBe(Boolean(specOf(name).event))
    }
  })

  describe('afterwards', () => {
    let raw: Buffer[]
    let log: AccessEvent[]
    beforeAll(async () => {
      await gateway.settled()
      raw = []
      for await (const record of readLog(gateway.logDir, 'access-events')) raw.push(Buffer.from(record.value))
      log = raw.map((value) => JSON.parse(value.toString()) as AccessEvent)
    })

    it('each answer has one event in the log, with its actor, action, target and outcome', () => {
      expect(new Set(told.map(({ id }) => id)).size).toBe(told.length)
      const byId = Map.groupBy(log, (event) => event.id)
      for (const { route, role, id, actor, target, outcome } of told) {
        const [event, ...more] = byId.get(id) ?? []
        expect(more).toEqual([])
        expect({ route, role, ...event }).toMatchObject({
          route,
          role,
          action: specOf(route).event,
          outcome: outcome === 'allowed' ? 'held' : outcome,
          ...target,
        })
        expect([route, role, event?.actor]).toEqual([route, role, actor])
      }
    })

    it('each is one row of ClickHouse, with the same facts and the final outcome', async () => {
      const ids = told.map(({ id }) => id)
      const rows = await gateway.audit.query<AccessEvent & { final_outcome: string; n: number }>(
        `select id, actor, action, customer_id, record_id, subject, final_outcome, count() over (partition by id) as n
         from accesses where id in {ids:Array(String)}`,
        { ids },
      )
      const [{ n } = { n: 0 }] = await gateway.audit.query<{ n: number }>(
        'select count() as n from access_events where id in {ids:Array(String)}',
        { ids },
      )
      expect(Number(n)).toBe(told.length)
      expect(rows).toHaveLength(told.length)
      const byId = new Map(rows.map((row) => [row.id, row]))
      for (const { route, role, id, actor, target, outcome } of told)
        expect({ route, role, ...byId.get(id) }).toMatchObject({
          route,
          role,
          action: specOf(route).event,
          actor: actor ?? '',
          final_outcome: outcome,
          ...target,
        })
    })

    it('nothing was written down that no answer named, but what outside systems sent and what followed by itself', () => {
      const heard = new Set(gateway.heard)
      const unnamed = log.filter((event) => !heard.has(event.id) && !event.part_of && !event.drill)
      expect(unnamed.filter((event) => event.source === 'custodia' && event.actor !== 'system').map(titleOf)).toEqual(
        Array.from({ length: log.filter(isScheduledRun).length }, () => 'report scheduled, made up late'),
      )
    })

    it('an export names every customer in its parts', () => {
      expect(parts).toHaveLength(2) // staff and managers
      for (const [header, customer] of parts)
        expect(log.filter((e) => e.part_of === header).flatMap((e) => e.record_ids ?? [])).toEqual([customer])
    })

    it('no writer has a gap, a repetition or a broken chain', async () => {
      const { problems, writers } = await verifyWriterChains(raw)
      expect(problems).toEqual([])
      expect([...writers.values()].reduce((sum, writer) => sum + writer.events, 0)).toBe(
        log.filter((e) => e.writer).length,
      )
    })
  })
})

/** The events of what was decided one by one, which the answer names beside its own. */
const namedIn = (body: unknown): string[] =>
  (body as ReplyOf<Routes['ruleApproveEach']>).items.map(({ event_id = 'none' }) => event_id)
const titleOf = (event: AccessEvent): string => `${event.action} ${event.reason ?? ''}`
/** Runs of schedules are written down in the name of whoever made the schedule; no request of theirs was answered. */
const isScheduledRun = (event: AccessEvent): boolean => event.reason === 'scheduled, made up late'
