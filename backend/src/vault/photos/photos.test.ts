import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import sharp from 'sharp'
import { Running } from '../../gateway/running.js'
import { accounts, freezes, sessions } from '../../record-store/schema.js'
import { pngBomb, striped } from '../testing/pictures.js'
import { aConsent, clientOf, type Detail } from '../testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../testing/start-vault.js'

let vault: VaultUnderTest
let clerk: Person
let client: ReturnType<typeof clientOf>
let customer: Detail
let jpeg: Buffer
beforeAll(async () => {
  vault = await startVault()
  clerk = await vault.signIn('staff')
  client = clientOf(vault, clerk)
  customer = await client.create()
  jpeg = await striped().jpeg().toBuffer()
})
afterAll(() => vault.stop())

const objects = async () =>
  (await readdir(vault.photoFolder, { recursive: true })).filter((name) => /original|thumbnail/.test(name))
const eventOf = async (reply: { headers: Record<string, unknown> }) =>
  (await vault.events()).find(({ id }) => id === reply.headers['custodia-event-id'])

describe('an upload', () => {
  it('is taken by its content, whatever its name', async () => {
    const captured_at = '2026-03-09T16:30:00.000Z'
    const reply = await client.upload(customer.id, await striped().png().toBuffer(), { kind: 'id_front', captured_at })
    const photo = reply.json()
    expect(photo).toMatchObject({ kind: 'id_front', content_type: 'image/png', width: 800, height: 500, captured_at })
    expect(await eventOf(reply)).toMatchObject({
      action: 'photo_upload',
      outcome: 'granted',
      record_id: photo.id,
      bytes: photo.bytes,
    })
    expect((await client.send('GET', `/customers/${customer.id}`)).json().photos).toEqual([photo])
  })

  it.each([
    ['not_an_image', 422, Buffer.from('hello'), { kind: 'face' }],
    ['not_an_image', 422, Buffer.alloc(0), { kind: 'face' }],
    ['image_too_large', 422, pngBomb(50_000, 50_000), { kind: 'face' }],
    ['body_too_large', 413, Buffer.alloc(20 * 1024 * 1024 + 1), { kind: 'face' }],
    ['invalid_input', 400, Buffer.from('x'), { kind: 'selfie' }],
    ['invalid_input', 400, Buffer.from('x'), {}],
    ['invalid_input', 400, Buffer.from('x'), { kind: 'face', captured_at: 'yesterday' }],
    ['invalid_input', 400, Buffer.from('x'), { kind: 'face', captured_at: '2999-01-01T00:00:00.000Z' }],
    ['invalid_input', 400, undefined, { kind: 'face' }],
  ] as const)('is answered with %s (%d)', async (code, status, file, fields) => {
    const before = await objects()
    const reply = await client.upload(customer.id, file as Buffer | undefined, fields as Record<string, string>)
    expect([reply.statusCode, reply.json().code]).toEqual([status, code])
    expect(await eventOf(reply)).toMatchObject({
      action: 'photo_upload',
      outcome: 'failed',
      reason: code,
      customer_id: customer.id,
    })
    expect(await objects()).toEqual(before)
  })

  it.each([
    ['application/json', '{}', 'unsupported_media_type'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="kind"\r\n\r\nfa',
      'malformed_body',
    ],
    ['multipart/form-data', 'no boundary', 'malformed_body'],
  ])('as %s is answered with a problem', async (type, payload, code) => {
    const headers = { cookie: clerk.cookie, 'content-type': type }
    const reply = await vault.app.inject({
      method: 'POST',
      url: `/api/v1/customers/${customer.id}/photos`,
      headers,
      payload,
    })
    expect(reply.json().code).toBe(code)
  })

  it("needs a consent for that photo, one's own customer, and leaves nothing behind when refused", async () => {
    const other = await client.create({ consent: aConsent({ information_types: ['basic', 'face'] }) })
    expect((await client.upload(other.id, jpeg, { kind: 'face' })).statusCode).toBe(200)
    const before = await objects()
    expect((await client.upload(other.id, jpeg, { kind: 'id_back' })).json().code).toBe('consent_missing')
    expect((await client.upload('nobody', jpeg)).json().code).toBe('not_found')
    const colleague = clientOf(vault, await vault.signIn('staff'))
    expect((await colleague.upload(customer.id, jpeg)).json().code).toBe('not_allowed')
    expect(await objects()).toEqual(before)
  })
})

describe('a photo', () => {
  const purpose = '?purpose=identity_check'

  it('is sent whole after its event and verdict, to look at or as a file', async () => {
    const { id, bytes } = await client.addPhoto(customer.id, jpeg)
    const viewed = await client.send('GET', `/photos/${id}${purpose}`)
    expect(viewed.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'content-length': String(bytes),
    })
    expect((await sharp(viewed.rawPayload).metadata()).width).toBe(800)
    expect(await eventOf(viewed)).toMatchObject({
      action: 'photo_view',
      outcome: 'held',
      customer_id: customer.id,
      record_id: id,
      purpose: 'identity_check',
      bytes,
      count: 1,
    })
    const saved = await client.send('GET', `/photos/${id}/download${purpose}`)
    expect(saved.headers['content-disposition']).toBe(`attachment; filename="id_front-${id}.jpeg"`)
    expect(saved.rawPayload).toEqual(viewed.rawPayload)
    expect(await eventOf(saved)).toMatchObject({ action: 'photo_download', outcome: 'held' })
  })

  it('is an access each time: HEAD, Range and conditional requests too', async () => {
    const { id, bytes } = await client.addPhoto(customer.id, jpeg)
    const headers = { cookie: clerk.cookie, range: 'bytes=0-9', 'if-none-match': '*' }
    const part = await vault.app.inject({ method: 'GET', url: `/api/v1/photos/${id}${purpose}`, headers })
    expect([part.statusCode, part.rawPayload.length]).toEqual([200, bytes])
    const head = await client.send('HEAD', `/photos/${id}${purpose}`)
    expect([head.statusCode, head.rawPayload.length]).toEqual([200, 0])
    expect(await eventOf(head)).toMatchObject({ action: 'photo_view', record_id: id, bytes })
    expect((await client.send('HEAD', `/photos/${id}`)).statusCode).toBe(403)
  })

  it.each([
    ['purpose_required', ''],
    ['purpose_required', '?purpose=curiosity'],
    ['consent_missing', '?purpose=complaint'],
  ])('is refused with %s for "%s"', async (code, query) => {
    const { id } = await client.addPhoto(customer.id, jpeg)
    for (const url of [`/photos/${id}${query}`, `/photos/${id}/download${query}`]) {
      const reply = await client.send('GET', url)
      expect([reply.statusCode, reply.json().code]).toEqual([403, code])
      expect(await eventOf(reply)).toMatchObject({
        outcome: 'refused',
        reason: code,
        record_id: id,
        customer_id: customer.id,
      })
    }
  })

  it('is not sent without an allowing verdict', async () => {
    const { id } = await client.addPhoto(customer.id, jpeg)
    vault.judge.verdict = 'refused'
    const reply = await client.send('GET', `/photos/${id}${purpose}`)
    vault.judge.verdict = 'allowed'
    expect(reply.json().code).toBe('limit_reached')
  })

  it('has a blurred thumbnail, for the whole branch and nobody else', async () => {
    const { id } = await client.addPhoto(customer.id, jpeg)
    const colleague = clientOf(vault, await vault.signIn('staff'))
    const reply = await colleague.send('GET', `/photos/${id}/thumbnail`)
    expect(reply.headers['content-type']).toBe('image/webp')
    expect(await sharp(reply.rawPayload).metadata()).toMatchObject({ width: 320, height: 200 })
    expect(await eventOf(reply)).toMatchObject({ action: 'photo_thumbnail', outcome: 'granted', record_id: id })
    const stranger = clientOf(vault, await vault.signIn('staff', 'beijing'))
    for (const path of ['/thumbnail', purpose, `/download${purpose}`])
      expect((await stranger.send('GET', `/photos/${id}${path}`)).json().code).toBe('not_allowed')
    expect((await colleague.send('GET', `/photos/${id}${purpose}`)).json().code).toBe('not_allowed')
  })
})

describe('a freeze that is committed while the verdict is awaited', () => {
  it('keeps the photo in, and says why', async () => {
    const person = await vault.signIn('staff')
    const thief = clientOf(vault, person)
    const { id } = await thief.addPhoto((await thief.create()).id, jpeg)
    const { db } = vault.records
    const until = new Date(Date.now() + 3_600_000)
    vault.judge.beforeAnswer = () =>
      db.transaction(async (tx) => {
        await tx
          .insert(freezes)
          .values({ id: 'freeze-1', accountId: person.id, reason: 'bulk photo view', by: 'detection', until })
        await tx.update(accounts).set({ freezeId: 'freeze-1', frozenUntil: until }).where(eq(accounts.id, person.id))
        await tx
          .update(sessions)
          .set({ endedAt: new Date(), endReason: 'frozen' })
          .where(eq(sessions.accountId, person.id))
      })
    const reply = await thief.send('GET', `/photos/${id}?purpose=contract`)
    vault.judge.beforeAnswer = undefined
    expect(reply.statusCode).toBe(423)
    expect(reply.json()).toMatchObject({
      code: 'account_frozen',
      frozen_reason: 'bulk photo view',
      case_id: 'freeze-1',
    })
    expect((await thief.send('GET', `/photos/${id}?purpose=contract`)).statusCode).toBe(423)
  })
})

describe('over a connection', () => {
  let origin: string
  beforeAll(async () => {
    await vault.app.listen(0, '127.0.0.1')
    origin = `http://127.0.0.1:${(vault.app.getHttpServer().address() as AddressInfo).port}/api/v1`
  })

  it.each([
    ['invalid_input', 400, 'selfie', 15],
    ['body_too_large', 413, 'face', 25],
    ['not_an_image', 422, 'face', 15],
  ])('%s is heard although the file is still on its way', async (code, status, kind, megabytes) => {
    const body = new FormData()
    body.set('kind', kind)
    body.set('file', new Blob([Buffer.alloc(megabytes * 1024 * 1024)]), 'photo.jpg')
    const headers = { cookie: clerk.cookie }
    const reply = await fetch(`${origin}/customers/${customer.id}/photos`, { method: 'POST', body, headers })
    expect([reply.status, await reply.json()]).toEqual([status, expect.objectContaining({ code })])
  })

  it('a freeze cuts a photo in the middle', async () => {
    const noise = sharp(randomBytes(2400 * 2400 * 3), { raw: { width: 2400, height: 2400, channels: 3 } })
    const { id, bytes } = await client.addPhoto(customer.id, await noise.png().toBuffer())
    const received = await new Promise<number>((resolve) => {
      let size = 0
      get(`${origin}/photos/${id}?purpose=contract`, { headers: { cookie: clerk.cookie } }, (reply) => {
        reply.once('data', () => expect(vault.app.get(Running).cut(clerk.id)).toBe(1))
        reply.on('data', (chunk: Buffer) => (size += chunk.length))
        reply.on('error', () => resolve(size))
        reply.on('end', () => resolve(size))
      }).on('error', () => resolve(size))
    })
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThan(bytes)
  })
})

describe('without the event log', () => {
  it('nothing is shown and nothing is kept', async () => {
    const { id } = await client.addPhoto(customer.id, jpeg)
    const before = await objects()
    const manager = clientOf(vault, await vault.signIn('manager'))
    await vault.breakLog()
    const replies = [
      await client.send('GET', `/photos/${id}?purpose=contract`),
      await client.send('GET', `/photos/${id}/thumbnail`),
      await client.send('GET', `/customers/${customer.id}`),
      await client.send('GET', '/customers'),
      await client.send('POST', `/customers/${customer.id}/reveal`, { fields: ['name'], purpose: 'contract' }),
      await client.send('PATCH', `/customers/${customer.id}`, { name: '改名' }),
      await manager.send('DELETE', `/customers/${customer.id}`),
      await client.upload(customer.id, jpeg),
    ]
    for (const reply of replies) expect([reply.statusCode, reply.json().code]).toEqual([503, 'event_log_unavailable'])
    expect(await objects()).toEqual(before)
  })
})
