import type { deskRoutes, timelineRoutes, triageRoutes } from '@custodia/contracts'
import { ofPerson, ofRecord, type Calls } from './asked.js'

/** One valid request for every route of the security desk. */
export const deskCalls: Pick<Calls, keyof typeof deskRoutes | keyof typeof timelineRoutes | keyof typeof triageRoutes> =
  {
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
    personUsual: async (world) => ofPerson(await world.bystander()),
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
      const asked = { ...ofPerson(id), body: { reason: 'asked and answered' } }
      const headers = await world.proof(world.client, 'personLift', asked)
      return { headers, ...asked, made: (freeze) => ({ record_id: freeze.id }) }
    },
    personLiftAsk: async (world) => {
      const id = await world.frozenByRule()
      const asked = { ...ofPerson(id), body: { reason: 'looked at it' } }
      const headers = await world.proof(world.client, 'personLiftAsk', asked)
      return { headers, ...asked, made: (freeze) => ({ record_id: freeze.id }) }
    },
    personUnrestrict: async (world) => {
      const asked = { ...ofPerson(await world.restricted()), body: { reason: 'looked at it' } }
      return { headers: await world.proof(world.client, 'personUnrestrict', asked), ...asked }
    },
  }
