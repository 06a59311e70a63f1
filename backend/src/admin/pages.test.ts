import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ResponseModule } from '../response/response.module.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { AdminModule } from './admin.module.js'
import { serveDocumentation } from './openapi-pages.js'
import { serveDashboard } from './static.js'

let rooms: Rooms
let dist: string
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'custodia-dist-'))
  rooms = await startRooms([ResponseModule, AdminModule], (app) => {
    serveDocumentation(app)
    serveDashboard(app, dist)
  })
})
afterAll(async () => {
  await rooms.stop()
  await rm(dist, { recursive: true, force: true })
})

const get = (url: string) => rooms.browser().send('GET', url)

describe('the dashboard', () => {
  it('says clearly that it is not built, until it is', async () => {
    expect(await get('/')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') })
    await mkdir(join(dist, 'assets'))
    await writeFile(join(dist, 'index.html'), '<!doctype html><title>the page</title>')
    await writeFile(join(dist, 'assets', 'index-a1b2.js'), 'export {}')
    await writeFile(join(dist, 'favicon.svg'), '<svg/>')
    expect(await get('/')).toMatchObject({ status: 200, text: expect.stringContaining('the page') })
  })

  it('answers every page of its own router with the document, never stored', async () => {
    for (const page of ['/', '/index.html', '/customers/01a', '/alerts?state=open', '/people/张伟']) {
      const answer = await get(encodeURI(page))
      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
      expect(answer.headers['content-type']).toMatch(/^text\/html/)
    }
  })

  it('serves built files: hashed ones for ever, others after asking again', async () => {
    const hashed = await get('/assets/index-a1b2.js')
    expect(hashed).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=31536000, immutable' } })
    expect(hashed.headers['content-type']).toMatch(/javascript/)
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('public, max-age=0')
  })

  it.each([
    '/assets/../../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/%00',
    '/%zz',
    '/assets/index-0000.js',
    '/.env',
    '/api/v1/no-such-thing',
    '/socket.io/x',
  ])('gives nothing away for %s', async (path) => {
    const answer = await get(path)
    expect([400, 404]).toContain(answer.status)
    expect(answer.text).not.toContain('"name"')
  })

  it('lets no script in from elsewhere', async () => {
    const policy = String((await get('/')).headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toMatch(/script-src|unsafe-eval/)
  })
})

describe('documentation', () => {
  it('is a document, and a page that needs nothing from elsewhere', async () => {
    expect((await get('/api/docs-json')).body).toMatchObject({ openapi: '3.1.0' })
    const page = await get('/api/docs')
    expect(page.status).toBe(200)
    const sources = [...page.text.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, url]) => String(url))
    expect(sources.filter((url) => /^(https?:)?\/\//.test(url))).toEqual([])
    expect(page.text).not.toMatch(/<script(?![^>]*src=)/)
    for (const script of sources.filter((url) => /\.(js|css)$/.test(url)))
      expect((await get(new URL(script, 'http://localhost/api/docs').pathname)).status).toBe(200)
  })
})

describe('probes', () => {
  it('say that the process is alive, to anybody', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  })

  it('name the part that is not ready, and not why', async () => {
    const answer = await get('/readyz')
    expect(answer).toMatchObject({ status: 503, body: { ready: false }, headers: { 'cache-control': 'no-store' } })
    const parts = answer.body['parts'] as { part: string; ok: boolean }[]
    expect(parts.filter(({ ok }) => !ok)).toEqual([{ part: 'audit store', ok: false }])
    expect(parts.map(({ part }) => part)).toEqual(
      expect.arrayContaining([
        'event log',
        'verdicts',
        'record store',
        'photo store',
        'landing',
        'detection',
        'response',
      ]),
    )
  })

  it('measure by route, never by address', async () => {
    await get('/api/v1/people/somebody-in-particular')
    const { text, headers } = await get('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain/)
    expect(text).toContain('custodia_http_request_seconds_bucket')
    expect(text).toContain('custodia_lag_records{part="landing"}')
    expect(text).toContain('custodia_nodejs_eventloop_lag_seconds')
    expect(text).not.toContain('somebody')
  })
})
