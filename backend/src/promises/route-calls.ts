import type { AccessEvent, RouteName, Routes, ReplyOf } from '@custodia/contracts'
import { isNull } from 'drizzle-orm'
import { generateSync } from 'otplib'
import type { Call, TestClient } from '../testing/client.js'
import { aChannel } from '../notices/testing/channel.js'
import { drills } from '../record-store/schema.js'
import { codeOf } from '../testing/people.js'
import { aPicture, uploadOf } from '../testing/customers.js'
import { until } from '../testing/settled.js'
import { aConsent, aCustomer } from '../vault/testing/requests.js'
import { newPasskey, passkeyAnswer, type RouteWorld } from './route-world.js'

type Target = Partial<Pick<AccessEvent, 'customer_id' | 'record_id' | 'subject'>>

/** A valid request, and what its event must name. */
export interface Asked<R extends RouteName> extends Call<R> {
  /** who asks, when it is not the person themselves */
  by?: TestClient
  /** account the event names when it was granted; default: who asks; null: nobody is known */
  actor?: string | null
  /** the answer to whoever may, when it is not 200 or 204 */
  status?: number
  /** named by the event, granted or refused */
  target?: Target
  /** named by the event of a granted access, as the answer tells */
  made?: (reply: ReplyOf<Routes[R]>) => Target
}

type Calls = { [R in RouteName]: (world: RouteWorld) => Asked<R> | Promise<Asked<R>> }

const ofCustomer = (id: string) => ({ params: { id }, target: { customer_id: id } })
const ofRecord = (id: string) => ({ params: { id }, target: { record_id: id } })
const ofPerson = (id: string) => ({ params: { id }, target: { subject: id } })
const password = (person: { account: { username: string }; password: string }) => ({
  body: { username: person.account.username, password: person.password },
})
const purpose = 'identity_check'
const aPeriod = () => ({
  kind: 'access' as const,
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 60_000).toISOString(),
})

/** One valid request for every route there is. A route without a line here does not compile, and turns the test red. */
export const calls: Calls = {
  setupState: () => ({}),
  setup: () => ({
    body: { code: 'AAAA', username: 'first', display_name: 'First', password: 'a long enough password' },
    actor: null,
    status: 409, // there is an administrator already
  }),
  signInPassword: async (world) => {
    const { person, client } = await world.another()
    return { by: client, ...password(person) }
  },
  signInTotp: async (world) => {
    const { person, client } = await world.another()
    await client.ok('signInPassword', password(person))
    return { by: client, body: { code: generateSync({ secret: person.totpSecret }) } }
  },
  signInRecoveryCode: async (world) => {
    const { person, client, codes } = await world.withRecoveryCodes()
    const by = world.gateway.stranger(person)
    await client.ok('signOut')
    await by.ok('signInPassword', password(person))
    return { by, body: { code: codes[0] ?? '' } }
  },
  invitation: async (world) => ({ by: world.gateway.stranger(), body: { token: (await world.invited()).token } }),
  invitationAccept: async (world) => {
    const { id, token } = await world.invited()
    return {
      by: world.gateway.stranger(),
      actor: id,
      body: { token, password: 'four quiet rivers meet' },
      target: { subject: id },
    }
  },
  passkeyOptions: () => ({}),
  signInPasskey: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const { authenticator, body } = await newPasskey(world, client)
    await client.ok('passkeyAdd', { body })
    const by = world.gateway.stranger(person)
    return { by, body: await passkeyAnswer(by, authenticator) }
  },
  stepUp: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const id = await world.stepUpOf(person.account.id)
    return { by: client, ...ofRecord(id), body: { code: codeOf(person) } }
  },
  signOut: async (world) => ({ by: (await world.anotherSignedIn()).client }),
  liftRequest: async (world) => {
    const { person, client } = await world.another()
    const { id } = person.account
    await world.helpers.analyst.ok('personFreeze', { params: { id }, body: { reason: 'a test', minutes: 5 } })
    const { body } = await client.call('signInPassword', password(person))
    const { ticket } = body as unknown as { ticket: string }
    return { by: client, body: { ticket, message: 'please' }, target: { subject: id } }
  },
  me: () => ({}),
  factors: () => ({}),
  totpBegin: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    return { by: client, headers: await world.proof(client, 'totpBegin'), target: { subject: person.account.id } }
  },
  totpConfirm: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const { secret } = await client.ok('totpBegin', { headers: await world.proof(client, 'totpBegin') })
    return { by: client, body: { code: generateSync({ secret }) }, target: { subject: person.account.id } }
  },
  passkeyBegin: async (world) => {
    const { client } = await world.anotherSignedIn()
    return { by: client, headers: await world.proof(client, 'passkeyBegin') }
  },
  passkeyAdd: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    return { by: client, body: (await newPasskey(world, client)).body, target: { subject: person.account.id } }
  },
  passkeyRemove: async (world) => {
    const { client } = await world.anotherSignedIn()
    await client.ok('passkeyAdd', { body: (await newPasskey(world, client)).body })
    const { passkeys } = await client.ok('factors')
    const asked = ofRecord(passkeys[0]?.id ?? '')
    return { by: client, headers: await world.proof(client, 'passkeyRemove', asked), ...asked }
  },
  totpRemove: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    await client.ok('passkeyAdd', { body: (await newPasskey(world, client)).body })
    const headers = await world.proof(client, 'totpRemove')
    return { by: client, headers, made: () => ({ subject: person.account.id }) }
  },
  recoveryCodesIssue: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const headers = await world.proof(client, 'recoveryCodesIssue')
    return { by: client, headers, made: () => ({ subject: person.account.id }) }
  },
  passwordChange: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const asked = { body: { current: person.password, password: 'four quiet rivers meet' } }
    const headers = await world.proof(client, 'passwordChange', asked)
    return { by: client, headers, ...asked, made: () => ({ subject: person.account.id }) }
  },
  mySessions: () => ({}),
  mySessionEnd: async (world) => {
    const { client } = await world.anotherSignedIn()
    const { items } = await client.ok('mySessions')
    return { by: client, ...ofRecord(items[0]?.id ?? '') }
  },
  mySessionsEnd: () => ({}),

  customersSearch: () => ({ query: { limit: 5 } }),
  customerCreate: () => ({ body: aCustomer(), made: ({ id }) => ({ customer_id: id }) }),
  customerView: ({ customer }) => ofCustomer(customer.id),
  customerUpdate: ({ customer }) => ({ ...ofCustomer(customer.id), body: { tags: ['seen'] } }),
  customerDelete: async (world) => ofCustomer((await world.spareCustomer()).id),
  customerReveal: ({ customer }) => ({ ...ofCustomer(customer.id), body: { purpose, fields: ['phone'] } }),
  customerExport: ({ customer }) => ({ body: { purpose, customer_ids: [customer.id], fields: ['name'] } }),
  customerAccesses: ({ customer }) => ofCustomer(customer.id),
  consentRecord: ({ customer }) => ({
    ...ofCustomer(customer.id),
    body: aConsent(),
    made: ({ id }) => ({ record_id: id }),
  }),
  consentWithdraw: async (world) => ofRecord((await world.spareCustomer()).consent),
  transactions: ({ customer }) => ofCustomer(customer.id),
  transactionAdd: ({ customer }) => ({
    ...ofCustomer(customer.id),
    body: { at: '2026-03-10T02:00:00.000Z', kind: 'payment', amount: 12.5, currency: 'CNY' },
    made: ({ id }) => ({ record_id: id }),
  }),
  photoUpload: async ({ customer }) => ({
    ...ofCustomer(customer.id),
    ...uploadOf(await aPicture(3), { kind: 'id_back' }),
    made: ({ id }) => ({ record_id: id }),
  }),
  photoThumbnail: ({ customer }) => ofPhoto(customer),
  photoView: ({ customer }) => ({ ...ofPhoto(customer), query: { purpose } }),
  photoDownload: ({ customer }) => ({ ...ofPhoto(customer), query: { purpose } }),

  liveSummary: () => ({}),
  alerts: () => ({ query: { limit: 5 } }),
  alert: async (world) => ofRecord(await world.alert()),
  alertAcknowledge: async (world) => ({ ...ofRecord(await world.alert()), body: { version: 0 } }),
  alertBegin: async (world) => ({ ...ofRecord(await world.alert()), body: { version: 0 } }),
  alertClose: async (world) => ({
    ...ofRecord(await world.alert()),
    body: { version: 0, verdict: 'benign', note: 'month-end check' },
  }),
  alertReopen: async (world) => {
    const id = await world.alert()
    const params = { id }
    await world.helpers.analyst.ok('alertClose', { params, body: { version: 0, verdict: 'false', note: 'a test' } })
    return { ...ofRecord(id), body: { version: 1, note: 'new facts' } }
  },
  alertAssign: async (world) => ({
    ...ofRecord(await world.alert()),
    body: { version: 0, assignee: world.helpers.analyst.accountId },
  }),
  alertComment: async (world) => ({ ...ofRecord(await world.alert()), body: { text: 'seen before' } }),
  alertMerge: async (world) => ({
    ...ofRecord(await world.alert()),
    body: { version: 0, ids: [await world.alert()] },
  }),
  alertSplit: async (world) => {
    const [into, id] = [await world.alert(), await world.alert()]
    await world.helpers.analyst.ok('alertMerge', { params: { id: into }, body: { version: 0, ids: [id] } })
    return { ...ofRecord(id), body: { version: 1 } }
  },
  silences: () => ({}),
  silenceCreate: () => ({
    body: { rule: 'bulk-export', minutes: 5, reason: 'a known import' },
    made: ({ id }) => ({ record_id: id }),
  }),
  silenceEnd: async (world) => {
    const body = { rule: 'bulk-export', minutes: 5, reason: 'a known import' }
    return ofRecord((await world.helpers.analyst.ok('silenceCreate', { body })).id)
  },
  events: ({ customer }) => ({
    query: { customer_id: customer.id },
    made: () => ({ customer_id: customer.id }),
  }),
  personTimeline: async (world) => ofPerson(await world.bystander()),
  people: () => ({ query: { limit: 5 } }),
  person: async (world) => ofPerson(await world.bystander()),
  personFreeze: async (world) => ({
    ...ofPerson(await world.bystander()),
    body: { reason: 'a test', minutes: 5 },
    made: ({ id }) => ({ record_id: id }),
  }),
  personLift: async (world) => {
    const id = await world.bystander()
    await world.helpers.analyst.ok('personFreeze', { params: { id }, body: { reason: 'a test', minutes: 5 } })
    return { ...ofPerson(id), body: { reason: 'asked and answered' }, made: (freeze) => ({ record_id: freeze.id }) }
  },
  personLiftAsk: async (world) => {
    const id = await world.frozenByRule()
    return { ...ofPerson(id), body: { reason: 'looked at it' }, made: (freeze) => ({ record_id: freeze.id }) }
  },
  personUnrestrict: async (world) => ({ ...ofPerson(await world.restricted()), body: { reason: 'looked at it' } }),
  rules: () => ({}),
  ruleBacktest: () => {
    const { from, to } = aPeriod()
    return { body: { rule: 'bulk-export', from, to }, made: ({ rule }) => ({ record_id: rule }) }
  },
  ruleWouldFreeze: () => ({ params: { id: 'bulk-export' } }),

  accountCreate: ({ role }) => ({
    body: { username: `new.${role}`, display_name: 'New', role: 'staff' },
    made: ({ id }) => ({ subject: id }),
  }),
  accountInvite: async (world) => ofPerson((await world.invited()).id),
  accountUninvite: async (world) => ofPerson((await world.invited()).id),
  accountUpdate: async (world) => ({ ...ofPerson(await world.bystander()), body: { team: 'other' } }),
  accountRevoke: async (world) => ofPerson(await world.bystander()),
  ingestTokens: () => ({}),
  ingestTokenCreate: () => ({ body: { name: 'crm', source: 'crm' }, made: ({ id }) => ({ record_id: id }) }),
  ingestTokenRevoke: async (world) => ofRecord((await world.ingestToken()).id),
  demoState: () => ({}),
  demoInstall: () => ({ status: 409 }), // nothing here could run it
  demoRemove: () => ({}),
  drills: () => ({}),
  drillStart: async ({ gateway: { records } }) => {
    // one at a time, and the one before may be running
    await until(async () => (await records.db.select().from(drills).where(isNull(drills.finishedAt))).length === 0)
    return { made: ({ id }) => ({ record_id: id }) }
  },
  ingestEvents: async (world) => ({
    by: world.gateway.stranger(),
    headers: { authorization: `Bearer ${(await world.ingestToken()).token}` },
    payload: {
      contentType: 'application/x-ndjson',
      bytes: Buffer.from(
        `${JSON.stringify({ id: world.role, time: new Date().toISOString(), action: 'view', outcome: 'granted' })}\n`,
      ),
    },
  }),

  noticeChannels: () => ({}),
  noticeChannelCreate: () => ({ body: aChannel(), made: ({ id }) => ({ record_id: id }) }),
  noticeChannelUpdate: async (world) => ({ ...ofRecord(await world.noticeChannel()), body: { language: 'zh-CN' } }),
  noticeChannelRemove: async (world) => ofRecord(await world.noticeChannel()),
  noticeChannelTest: async (world) => ofRecord(await world.noticeChannel()),
  noticesUndelivered: () => ({}),
  noticeRetry: async (world) => ofRecord(await world.undeliveredNotice()),

  report: () => ({ query: aPeriod() }),
  reportCsv: () => ({ query: aPeriod() }),
  schedules: () => ({}),
  scheduleCreate: () => ({
    body: { kind: 'by_person', every: 'month', time_zone: 'Asia/Shanghai' },
    made: ({ id }) => ({ record_id: id }),
  }),
  scheduleDelete: async (world) =>
    ofRecord(await world.schedule(world.role === 'auditor' ? world.client : world.helpers.auditor)),
  reportRuns: () => ({}),
  reportRun: async (world) => ofRecord(await world.reportRun()),
}

/** Whoever is refused at the door is refused before anybody looked whose photo it is. */
function ofPhoto({ id, photo }: { id: string; photo: string }) {
  return { params: { id: photo }, target: { record_id: photo }, made: () => ({ customer_id: id }) }
}
