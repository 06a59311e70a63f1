import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  personalFields,
  Role,
  routes,
  type BodyInput,
  type FieldLevel,
  type PolicyDocument,
  type PolicySettings,
  type RouteName,
  type RouteSpec,
  type Routes,
} from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { changePolicy } from '../power/testing/by-two.js'
import { customers } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proofFor, proven, provenOk } from '../testing/proof.js'

let dir: string
let gateway: TestGateway
let admin: TestClient
const people = new Map<Role, TestClient>()
const by = (role: Role): TestClient => people.get(role)!

beforeAll(async () => {
  // A calendar without a working hour left in it: whoever is bound to them does not get in, whenever this test runs.
  dir = await mkdtemp(join(tmpdir(), 'custodia-policy-'))
  const [from, to] = ['00:00', '00:01']
  const days = [-1, 0, 1].map((day) => new Date(Date.now() + day * 86_400_000).toISOString().slice(0, 10))
  // Only one team works, day and night, in spans over midnight of another zone's clock.
  const hours = ['00:00', '08:00', '16:00'].map((begins, n, all) => ({ from: begins, to: all[(n + 1) % 3] }))
  const shifts = { round: { hours, days: 'every_day', time_zone: 'America/New_York' } }
  await writeFile(join(dir, 'calendar.json'), JSON.stringify({ hours: { from, to }, extra_holidays: days, shifts }))
  gateway = await startTestGateway({ env: { CUSTODIA_CALENDAR: join(dir, 'calendar.json') } })
  for (const role of Role.options) people.set(role, await gateway.signedIn(role))
  admin = by('admin')
})
afterAll(async () => {
  await gateway?.stop()
  await rm(dir, { recursive: true, force: true })
})

const change = (over: Partial<PolicySettings>): Promise<PolicyDocument> => changePolicy(gateway, admin, over)
const codeOf = async (asked: Promise<{ body: { code?: string } }>) => (await asked).body.code

/** What would do something although nothing was said to it. */
const actsAtOnce = new Set<RouteName>(['drillStart', 'signOut', 'oidcSignOut'])
const guarded = (Object.keys(routes) as RouteName[]).filter((name) => {
  const { needs, door } = routes[name] as RouteSpec
  return needs && door !== 'token' && !actsAtOnce.has(name)
})

describe.each(['separation', 'simple'] as const)('the table that is shown, preset %s', (preset) => {
  let shown: PolicyDocument
  beforeAll(async () => {
    shown = await change({ preset })
  })

  it.each(Role.options)('is what the door does with %s, permission by permission', async (role) => {
    const cells = new Map(shown.rows.map((row) => [row.permission, row.cells[role]]))
    const wrong: string[] = []
    for (const name of guarded) {
      const { needs = '' } = routes[name] as RouteSpec
      const { status, body } = await by(role).call(name as 'person', { params: { id: uuidv7(), number: '1' } as never })
      const refused = status === 403 && body.code === 'not_allowed'
      if (refused !== (cells.get(needs) === undefined)) wrong.push(`${name} (${needs}): ${status} ${body.code}`)
    }
    expect(wrong).toEqual([])
  })

  it.each(Role.options)('is what %s gets of a customer, field by field', async (role) => {
    const level = (field: string): FieldLevel => shown.fields.find((row) => row.field === field)!.cells[role]
    const { id } = await newCustomer(by('manager'))
    await gateway.records.db
      .update(customers)
      .set({ owner: by(role).accountId })
      .where(eq(customers.id, id))
    const { status, body } = await by(role).call('customerView', { params: { id } })
    const names = shown.fields.map(({ field }) => field)
    if (status === 403) return expect(names.map(level)).toEqual(names.map(() => 'absent'))
    expect(names.filter((field) => body[field] !== undefined)).toEqual(
      names.filter((field) => level(field) !== 'absent'),
    )
    const { items } = await by(role).ok('customersSearch', { query: { mine: 'true' } })
    const listed = items.find((item) => item.id === id)!
    for (const field of personalFields) {
      expect([field, listed[field]]).toEqual([field, body[field]])
      const asking = { params: { id }, body: { fields: [field], purpose: 'contract' } }
      const first = await by(role).call('customerReveal', asking)
      const wantsProof = first.body.code === 'step_up_required'
      const revealed = wantsProof ? await proven(gateway, by(role), 'customerReveal', asking) : first
      const code = { reveal: undefined, plain: undefined, approval: 'approval_required' }[level(field) as 'reveal']
      const expected = level(field) in { reveal: 1, plain: 1, approval: 1 } ? code : 'field_not_allowed'
      const asked = shown.rows.find((row) => row.permission === 'customer.reveal')!.cells[role]
      expect([field, revealed.body.code]).toEqual([field, asked ? expected : 'not_allowed'])
      if (revealed.status === 200) expect(revealed.body[field]).not.toBe(body[field])
    }
  })
})

describe('what is absent', () => {
  it('is not guessed at by searching for it', async () => {
    await change({ preset: 'separation' })
    const { id } = await newCustomer(by('manager'), { over: { phone: '13987654321', tags: ['quiet'] } })
    const found = async (role: Role, query: object) =>
      (await by(role).ok('customersSearch', { query })).items.some((item) => item.id === id)
    for (const query of [{ q: '13987654321' }, { tag: 'quiet' }, { captured_from: '2020-01-01' }]) {
      expect([query, await found('manager', query)]).toEqual([query, true])
      expect([query, await found('finance', query)]).toEqual([query, false])
    }
  })

  it('is not changed either', async () => {
    await change({ preset: 'simple' })
    const { id } = await newCustomer(by('staff'))
    const update = (body: BodyInput<Routes['customerUpdate']>) =>
      by('staff').call('customerUpdate', { params: { id }, body })
    expect((await update({ address: '9 Elsewhere Street' })).body).toMatchObject({
      code: 'field_not_allowed',
      fields: ['address'],
    })
    expect((await update({ phone: '13800001111' })).status).toBe(200)
  })

  it('is no ID number of one’s own customers, under either preset: that is asked for', async () => {
    for (const preset of ['separation', 'simple'] as const) {
      const { fields } = await change({ preset })
      const { staff, manager } = fields.find(({ field }) => field === 'id_number')!.cells
      expect([preset, staff, manager]).toEqual([preset, 'approval', 'approval'])
      const { id } = await newCustomer(by('staff'))
      const asked = { fields: ['id_number' as const], purpose: 'contract' as const }
      const refused = await by('staff').call('customerReveal', { params: { id }, body: asked })
      expect(refused.body).toMatchObject({ code: 'approval_required', fields: ['id_number'] })
      const scope = { ...asked, use: 'reveal' as const, most: 1, minutes: 5, customer_ids: [id], reason: 'a test' }
      const { id: request } = await by('staff').ok('approvalAsk', { body: scope })
      const decision = { params: { id: request }, body: { decision: 'approve' as const, reason: 'a test' } }
      await provenOk(gateway, by('manager'), 'approvalDecide', decision)
      const given = { params: { id }, body: { ...asked, approval_id: request } }
      expect((await proven(gateway, by('staff'), 'customerReveal', given)).body['id_number']).toMatch(/^\d{17}[\dX]$/)
    }
  })

  it('is out of reach beyond the team', async () => {
    await change({ preset: 'simple' })
    const { id } = await newCustomer(by('manager'))
    const stranger = await gateway.signedIn('staff', { team: 'sales' })
    expect((await by('staff').call('customerView', { params: { id } })).status).toBe(200)
    expect(await codeOf(stranger.call('customerView', { params: { id } }))).toBe('not_allowed')
    expect((await stranger.ok('customersSearch', { query: {} })).items).toEqual([])
  })
})

describe('conditions', () => {
  it.each([
    ['outside_hours', { hours: 'working' as const }],
    ['outside_network', { networks: ['10.20.0.0/16', 'fd00::/8'] }],
  ])('refuse with %s, write it down, and leave everything else alone', async (code, condition) => {
    const { rows } = await change({
      preset: 'separation',
      conditions: [{ roles: ['staff'], on: 'customers', ...condition }],
    })
    expect(rows.find((row) => row.permission === 'customer.search')?.cells.staff).toMatchObject(condition)
    const refused = await by('staff').call('customersSearch', { query: {} })
    expect([refused.status, refused.body.code]).toEqual([403, code])
    expect((await by('manager').call('customersSearch', { query: {} })).status).toBe(200)
    expect((await by('staff').call('me')).status).toBe(200)
    await gateway.settled()
    const [event] = await gateway.audit.query<{ reason: string }>(
      'select reason from access_events where id = {id:String}',
      { id: refused.eventId ?? '' },
    )
    expect(event?.reason).toBe(code)
  })

  it('let in whose team works now, and write down that it does', async () => {
    await change({ conditions: [{ roles: ['staff'], on: 'customers', hours: 'working' }] })
    const found = await (await gateway.signedIn('staff', { team: 'round' })).call('customersSearch', { query: {} })
    expect(found.status).toBe(200)
    await gateway.settled()
    const asked = 'select off_hours from access_events where id = {id:String}'
    expect(await gateway.audit.query(asked, { id: found.eventId ?? '' })).toEqual([{ off_hours: false }])
    const { working_hours } = await admin.ok('policy')
    expect(working_hours).toMatchObject([
      { time_zone: 'Asia/Shanghai', working: false },
      { team: 'round', time_zone: 'America/New_York', days: 'every_day', working: true },
    ])
    await change({ conditions: [] })
  })

  it('let in whoever meets them', async () => {
    await change({ conditions: [{ roles: ['staff'], on: 'plain', networks: ['127.0.0.0/8'] }] })
    const { id } = await newCustomer(by('staff'))
    const asked = { params: { id }, body: { fields: ['phone' as const], purpose: 'contract' } }
    expect((await by('staff').call('customerReveal', asked)).status).toBe(200)
    await change({ conditions: [] })
  })
})

describe('a change', () => {
  it('is an administrator’s, with a fresh proof and a reason, and of the version they saw', async () => {
    const { version, preset, conditions, larger_export } = await admin.ok('policy')
    const body = { version, preset, conditions, larger_export, reason: 'a test' }
    expect(await codeOf(admin.call('policyChange', { body }))).toBe('step_up_required')
    expect(await codeOf(by('auditor').call('policyChange', { body }))).toBe('not_allowed')
    const late = { ...body, version: version - 1 }
    const headers = await proofFor(gateway, admin, 'policyChange', { body: late })
    expect(await codeOf(admin.call('policyChange', { body: late, headers }))).toBe('conflict')
    const silent = { body: { ...body, reason: ' ' } }
    const proof = await proofFor(gateway, admin, 'policyChange', silent)
    const answer = await admin.call('policyChange', { ...silent, headers: proof })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ path: 'body.reason' }] } })
    expect((await admin.ok('policy')).version).toBe(version)
  })

  it('is exported with date, preset, version and hash: the same table in both files', async () => {
    const shown = await by('auditor').ok('policy')
    const csv = await by('auditor').call('policyCsv')
    const json = await by('auditor').call('policyJson')
    const file = JSON.parse(json.bytes.toString()) as PolicyDocument & { exported_at: string }
    expect(file).toMatchObject({ hash: shown.hash, version: shown.version, rows: shown.rows, fields: shown.fields })
    expect(Date.parse(file.exported_at)).not.toBeNaN()
    const text = csv.bytes.toString()
    for (const line of [`"sha256","${shown.hash}"`, `"version","${shown.version}"`, `"preset","${shown.preset}"`])
      expect(text).toContain(line)
    expect(text).toContain('"customer.reveal","own; purpose; verdict"')
  })
})
