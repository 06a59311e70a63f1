import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { passkeyPolicy } from './passkey-policy.js'
import { fresh } from '../testing/proof.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { SoftwareAuthenticator } from './testing/authenticator.js'

const ours = 'ee882879-721c-4913-9775-3dfcce97072a'
const other = '2fc0579f-8113-47ea-b116-bb5a8db9202a'
/** Looks like a root; what matters here is that there is one. */
const root = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

async function enrol(rooms: Rooms, model?: string) {
  const { browser } = await rooms.signedIn('staff')
  const begun = await fresh(rooms, browser, 'POST', '/me/passkeys/options')
  const options = begun.body['options'] as { challenge: string; attestation: string }
  const response = new SoftwareAuthenticator().register({
    challenge: options.challenge,
    origin: 'http://localhost:8080',
    rpId: 'localhost',
    ...(model ? { model } : {}),
  })
  const challenge_id = begun.body['challenge_id']
  const answer = await browser.post('/me/passkeys', { challenge_id, name: 'key', response })
  return [options.attestation, answer.status, answer.body['code']]
}

describe('models of passkeys', () => {
  it('are nobody’s business, unless they are named', async () => {
    const rooms = await startRooms()
    expect(await enrol(rooms)).toEqual(['none', 200, undefined])
    await rooms.stop()
  })

  it('named ones alone are taken, and must say which one they are', async () => {
    const rooms = await startRooms([], undefined, { CUSTODIA_PASSKEY_MODELS: `${other}, ${ours}` })
    expect(await enrol(rooms)).toEqual(['direct', 422, 'passkey_not_allowed'])
    expect(await enrol(rooms, 'cb69481e-8ff7-4039-93ec-0a2729a154a8')).toEqual(['direct', 422, 'passkey_not_allowed'])
    expect(await enrol(rooms, ours)).toEqual(['direct', 200, undefined])
    await rooms.stop()
  })

  it('with roots, a program that claims a model is not taken', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodia-roots-'))
    const file = join(dir, 'roots.pem')
    await writeFile(file, root + root)
    const env = { CUSTODIA_PASSKEY_MODELS: ours, CUSTODIA_PASSKEY_ROOTS: file }
    expect(passkeyPolicy(env)).toEqual({ models: [ours], roots: [root.trim(), root.trim()] })
    const rooms = await startRooms([], undefined, env)
    expect(await enrol(rooms, ours)).toEqual(['direct', 422, 'passkey_not_allowed'])
    await rooms.stop()
    await rm(dir, { recursive: true })
  })
})
