import { isNull } from 'drizzle-orm'
import { aChannel } from '../notices/testing/channel.js'
import { drills } from '../record-store/schema.js'
import { provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { approvalCalls } from './approval-calls.js'
import { aPeriod, ofPerson, ofRecord, type Calls } from './asked.js'
import { deskCalls } from './desk-calls.js'
import { powerCalls } from './power-calls.js'
import { recoveryCalls } from './recovery-calls.js'
import { ruleCalls } from './rule-calls.js'
import { scimCalls } from './scim-calls.js'
import { signInCalls } from './sign-in-calls.js'
import { vaultCalls } from './vault-calls.js'

/** One valid request for every route there is. A route without a line here does not compile, and turns the test red. */
export const calls: Calls = {
  ...signInCalls,
  ...vaultCalls,
  ...approvalCalls,
  ...deskCalls,
  ...ruleCalls,
  ...scimCalls,
  ...recoveryCalls,
  ...powerCalls,
  leaverBrake: () => ({}),
  leaverBrakeRelease: async (world) => {
    const asked = { body: { reason: 'the branch was sold', people: 40 } }
    if (world.role === 'admin') await world.leaversStopped()
    const headers = await world.proof(world.client, 'leaverBrakeRelease', asked)
    return { headers, ...asked, made: () => ({ record_id: 'leavers' }) }
  },
  peopleFileCheck: () => ({ body: { csv: 'username,status\nnobody.known,leaves\n' } }),
  peopleFileApply: async (world) => {
    const asked = { body: { csv: 'username,status\nnobody.known,leaves\n' } } // what a line does is an event of its own
    return { headers: await world.proof(world.client, 'peopleFileApply', asked), ...asked }
  },

  accountCreate: async (world) => {
    const asked = { body: { username: `new.${world.role}`, display_name: 'New', role: 'staff' as const } }
    const headers = await world.proof(world.client, 'accountCreate', asked)
    return { headers, ...asked, made: ({ id }) => ({ subject: id }) }
  },
  accountInvite: async (world) => {
    const asked = ofPerson((await world.invited()).id)
    return { headers: await world.proof(world.client, 'accountInvite', asked), ...asked }
  },
  accountUninvite: async (world) => ofPerson((await world.invited()).id),
  accountUpdate: async (world) => {
    const asked = { ...ofPerson(await world.bystander()), body: { team: 'other' } }
    return { headers: await world.proof(world.client, 'accountUpdate', asked), ...asked }
  },
  accountRevoke: async (world) => ofPerson(await world.bystander()),
  myTokens: () => ({}),
  myTokenCreate: async (world) => {
    const { client, person } = await world.anotherSignedIn()
    const call = await world.tokenRequest(client)
    return { by: client, ...call, made: ({ id }) => ({ record_id: id, subject: person.account.id }) }
  },
  myTokenRevoke: async (world) => {
    const { client, id } = await world.apiToken()
    return { by: client, ...ofRecord(id) }
  },
  tokens: () => ({}),
  tokenRevoke: async (world) => ofRecord((await world.apiToken()).id),
  policy: () => ({}),
  policyCsv: () => ({}),
  policyJson: () => ({}),
  policyChange: async (world) => {
    const { version, preset, conditions, larger_export } = await world.helpers.admin.ok('policy')
    const asked = { body: { version, preset, conditions, larger_export, reason: 'a test' } }
    const headers = world.role === 'admin' ? await world.proof(world.client, 'policyChange', asked) : {}
    return { headers, ...asked, made: () => ({ record_id: 'policy' }) }
  },
  ingestTokens: () => ({}),
  ingestTokenCreate: async (world) => {
    const asked = { body: { name: 'crm', source: 'crm' } }
    const headers = world.role === 'admin' ? await world.proof(world.client, 'ingestTokenCreate', asked) : {}
    return { headers, ...asked, made: ({ id }) => ({ record_id: id }) }
  },
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

  report: () => ({ query: { kind: 'access', ...aPeriod() } }),
  reportCsv: () => ({ query: { kind: 'access', ...aPeriod() } }),
  reviewMine: () => ({}),
  reviewConfirm: async (world) => {
    const { id, account } = await world.review()
    return { ...ofRecord(id), body: { accounts: [account] } }
  },
  reviewRemove: async (world) => {
    const { id, account } = await world.review()
    const asked = { ...ofRecord(id), body: { account, reason: 'has left' } }
    const headers = await world.proof(world.client, 'reviewRemove', asked)
    return { headers, ...asked, made: () => ({ subject: account }) }
  },
  reviewUndo: async (world) => {
    const { id, account } = await world.review()
    const removal = { params: { id }, body: { account, reason: 'has left' } }
    await provenOk(world.gateway, world.helpers.admin, 'reviewRemove', removal)
    const asked = { ...ofRecord(id), body: { account, reason: 'is still here' } }
    const headers = await world.proof(world.client, 'reviewUndo', asked)
    return { headers, ...asked, made: () => ({ subject: account }) }
  },
  reviews: () => ({}),
  reviewOpen: () => ({ made: ({ id }) => ({ record_id: id }) }),
  review: async (world) => ofRecord((await world.review()).id),
  reviewResult: async (world) => {
    const { id } = await world.review()
    await world.helpers.admin.ok('reviewOpen') // the one before is closed
    return ofRecord(id)
  },
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
