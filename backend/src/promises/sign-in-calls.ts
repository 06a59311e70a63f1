import type { authRoutes, meRoutes } from '@custodia/contracts'
import { generateSync } from 'otplib'
import { codeOf } from '../testing/people.js'
import { ofRecord, type Calls } from './asked.js'
import { newPasskey, passkeyAnswer } from './route-world.js'

const password = (person: { account: { username: string }; password: string }) => ({
  body: { username: person.account.username, password: person.password },
})

/** One valid request for every way in, and for what a person changes of their own ways in. */
export const signInCalls: Pick<Calls, keyof typeof authRoutes | keyof typeof meRoutes> = {
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
  oidcBegin: () => ({ status: 404 }), // none is configured
  signInOidc: (world) => ({
    by: world.gateway.stranger(),
    body: { code: 'x', state: 'x' },
    actor: null,
    status: 404,
  }),
  oidcBackChannelLogout: (world) => ({
    by: world.gateway.stranger(),
    payload: { contentType: 'application/x-www-form-urlencoded', bytes: Buffer.from('logout_token=x.y.z') },
    actor: null,
    status: 404,
  }),
  oidcSignOut: async (world) => ({ by: (await world.anotherSignedIn()).client }),
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
  passkeyRename: async (world) => {
    const { client } = await world.anotherSignedIn()
    await client.ok('passkeyAdd', { body: (await newPasskey(world, client)).body })
    const { passkeys } = await client.ok('factors')
    return { by: client, ...ofRecord(passkeys[0]?.id ?? ''), body: { name: 'the blue one' } }
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
    const asked = ofRecord(items[0]?.id ?? '')
    return { by: client, headers: await world.proof(client, 'mySessionEnd', asked), ...asked }
  },
  mySessionsEnd: async (world) => ({ headers: await world.proof(world.client, 'mySessionsEnd') }),
}
