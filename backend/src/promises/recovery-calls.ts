import type { recoveryRoutes } from '@custodia/contracts'
import { v7 as uuidv7 } from 'uuid'
import { ofPerson, ofRecord, type Calls } from './asked.js'

/** One valid request for every way back in. */
export const recoveryCalls: Pick<Calls, keyof typeof recoveryRoutes> = {
  recoveries: () => ({}),
  recoveryAsk: async (world) => ({
    ...ofPerson(await world.bystander()),
    body: { reason: 'lost the phone' },
    made: ({ id }) => ({ record_id: id }),
  }),
  recoveryApprove: async (world) => {
    const subject = await world.bystander()
    const asked = { ...ofRecord(await world.recoveryOf(subject, false)), body: { told: 'by telephone' } }
    const headers = await world.proof(world.client, 'recoveryApprove', asked)
    return { headers, ...asked, made: () => ({ subject }) }
  },
  recoveryFinish: async (world) => {
    const subject = await world.bystander()
    const asked = ofRecord(await world.recoveryOf(subject, true))
    const headers = await world.proof(world.client, 'recoveryFinish', asked)
    return { headers, ...asked, made: () => ({ subject }) }
  },
  recoveryStop: async (world) => ({
    ...ofRecord(await world.recoveryOf(await world.bystander(), true)),
    body: { reason: 'the phone was found' },
  }),
  myRecoveryCancel: async (world) => {
    const { person, client } = await world.anotherSignedIn()
    const record_id = await world.recoveryOf(person.account.id, true)
    return { by: client, made: () => ({ record_id, subject: person.account.id }) }
  },
  recoveryCancel: async (world) => {
    const subject = await world.bystander()
    const [token, record_id] = [uuidv7(), await world.recoveryOf(subject, true)]
    await world.cancelWith(record_id, token)
    return { by: world.gateway.stranger(), actor: subject, body: { token }, made: () => ({ record_id, subject }) }
  },
  sealedCode: () => ({}),
  sealedCodeIssue: async (world) => ({ headers: await world.proof(world.client, 'sealedCodeIssue') }),
  signInSealedCode: async (world) => {
    const { account } = await world.gateway.person('admin')
    const { admin } = world.helpers
    const { code } = await admin.ok('sealedCodeIssue', { headers: await world.proof(admin, 'sealedCodeIssue') })
    const body = { username: account.username, code, password: 'four quiet rivers meet' }
    const status = 409 // there are other administrators
    return { by: world.gateway.stranger(), actor: account.id, body, target: { subject: account.id }, status }
  },
}
