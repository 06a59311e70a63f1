import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Controller, Get, Module } from '@nestjs/common'
import { defineRoutes, type InputOf } from '@custodia/contracts'
import { z } from 'zod'
import { eventOf, type Browser } from '../testing/browser.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import type { Access } from './access.js'
import { OpenToAll } from './open-to-all.js'
import { ProblemError } from './problem.js'
import { Input, Serve, TheAccess } from './serve.js'

const routes = defineRoutes({
  look: {
    method: 'GET',
    path: '/look/:id',
    door: 'session',
    needs: 'alert.read',
    event: 'view',
    summary: '',
    params: z.object({ id: z.string().max(5) }),
    reply: z.object({}),
  },
  forgetful: {
    method: 'GET',
    path: '/forgetful',
    door: 'session',
    needs: 'alert.read',
    event: 'view',
    summary: '',
    reply: z.object({}),
  },
  broken: {
    method: 'GET',
    path: '/broken',
    door: 'session',
    needs: 'alert.read',
    event: 'view',
    summary: '',
    reply: z.object({}),
  },
  unnamed: { method: 'GET', path: '/unnamed', door: 'session', summary: '', reply: z.object({}) },
})

@Controller()
class RoomOfTests {
  @Serve(routes.look)
  async look(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.look>) {
    access.about({ record_id: params.id })
    if (params.id === 'none') throw new ProblemError('not_found')
    await access.grant({ count: 1 })
    return { secret: params.id }
  }

  @Serve(routes.forgetful)
  forgetful() {
    return { secret: 'shown to nobody' }
  }

  @Serve(routes.broken)
  broken() {
    throw new Error('a stack that nobody outside should read')
  }

  @Serve(routes.unnamed)
  unnamed() {
    return { secret: 'shown to nobody' }
  }

  @Get('stray')
  stray() {
    return { secret: 'shown to nobody' }
  }

  @Get('open')
  @OpenToAll('a test asks')
  open() {
    return { open: true }
  }
}

@Module({ controllers: [RoomOfTests] })
class TestModule {}

let rooms: Rooms
let analyst: Browser
let clerk: Browser
beforeAll(async () => {
  rooms = await startRooms([TestModule])
  analyst = (await rooms.signedIn('analyst')).browser
  clerk = (await rooms.signedIn('staff')).browser
})
afterAll(() => rooms.stop())

describe('the gate', () => {
  it('answers with the id of an event that is in the log', async () => {
    const answer = await analyst.get('/look/abc')
    expect(answer).toMatchObject({ status: 200, body: { secret: 'abc' }, headers: { 'cache-control': 'no-store' } })
    expect(eventOf(await rooms.events(), answer)).toMatchObject({
      action: 'view',
      outcome: 'granted',
      record_id: 'abc',
      count: 1,
    })
  })

  it('writes down what was refused, and what did not exist, with what it was about', async () => {
    const refused = await clerk.get('/look/abc')
    expect(refused).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
    const missing = await analyst.get('/look/none')
    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const events = await rooms.events()
    expect(eventOf(events, refused)).toMatchObject({ outcome: 'refused', reason: 'not_allowed', actor_role: 'staff' })
    expect(eventOf(events, missing)).toMatchObject({ outcome: 'failed', reason: 'not_found', record_id: 'none' })
  })

  it('counts HEAD as the access it is', async () => {
    const answer = await analyst.send('HEAD', '/api/v1/look/abc')
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ action: 'view', outcome: 'granted' })
  })

  it('lets nothing out of a handler that forgot its event', async () => {
    const answer = await analyst.get('/forgetful')
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(answer.text).not.toContain('shown to nobody')
  })

  it('tells no stack', async () => {
    const answer = await analyst.get('/broken')
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(answer.text).not.toMatch(/stack|RoomOfTests/)
    expect(eventOf(await rooms.events(), answer)).toMatchObject({ outcome: 'failed', reason: 'internal' })
  })

  it.each(['/stray', '/unnamed'])('serves nothing whose door or permission is not declared: %s', async (path) => {
    for (const browser of [analyst, rooms.browser()]) {
      const answer = await browser.get(path)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toContain('shown to nobody')
    }
  })

  it('opens to all what says so', async () => {
    expect(await rooms.browser().get('/open')).toMatchObject({ status: 200, body: { open: true } })
  })

  it('asks a stranger to sign in, and writes nothing down', async () => {
    const before = (await rooms.events()).length
    expect(await rooms.browser().get('/look/abc')).toMatchObject({ status: 401, body: { code: 'not_signed_in' } })
    expect((await rooms.events()).length).toBe(before)
  })

  it('names the wrong field', async () => {
    const answer = await analyst.get('/look/far-too-long')
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ path: 'params.id' }] } })
  })

  it('answers a body that is not JSON, and one that is too large', async () => {
    const post = (body: string, type = 'application/json') =>
      analyst.send('POST', '/api/v1/auth/password', body, { 'content-type': type })
    expect(await post('{"username":')).toMatchObject({ status: 400, body: { code: 'malformed_body' } })
    expect(await post('{}', 'text/csv')).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    expect(await post(`"${'x'.repeat(1024 * 1024)}"`)).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
  })

  it('with the log gone answers 503, and lets nobody in', async () => {
    await rooms.log.close()
    const answer = await analyst.get('/look/abc')
    expect(answer).toMatchObject({ status: 503, body: { code: 'event_log_unavailable' } })
    expect(answer.text).not.toContain('secret')
    expect(await rooms.browser().get('/open')).toMatchObject({ status: 200 })
  })
})
