import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { serveHealth } from '@custodia/streams/health'
import { CONFIG, type Config } from '../config.js'
import { ResponseModule } from '../response/response.module.js'
import { everyAnswer } from '../gateway/every-answer.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { AdminModule } from './admin.module.js'
import { serveDocumentation } from './openapi-pages.js'
import { serveDashboard } from './static.js'

let rooms: Rooms
let dist: string
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'custodia-dist-'))
  const prepare = (app: Rooms['app']) => {
    serveDocumentation(app)
    serveDashboard(app, dist)
  }
  rooms = await startRooms([ResponseModule, AdminModule], prepare, { PUBLIC_URL: 'https://custodia.example' })
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

  it('lets no script and no style in but its own, and draws the number of its styles anew each time', async () => {
    await writeFile(join(dist, 'index.html'), '<meta property="csp-nonce" nonce="__style_nonce__">')
    const answers = [await get('/'), await get('/')]
    const nonces = answers.map(({ text }) => /nonce="([^"]+)"/.exec(text)?.[1])
    expect(new Set(nonces).size).toBe(2)
    for (const [at, { headers }] of answers.entries()) {
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none';script-src 'self';")
      expect(policy).toContain(`style-src 'self' 'nonce-${nonces[at]}';`)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    }
  })

  it.each(['/api/v1/me', '/api/v1/no-such-thing', '/healthz', '/api/docs-json', '/assets/index-0000.js', '/%zz'])(
    'gives a browser nothing to run or to load for %s',
    async (path) => {
      const { headers } = await get(path)
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=(self)'),
      })
      expect(headers).not.toHaveProperty('x-powered-by')
      expect(headers).not.toHaveProperty('server')
    },
  )
})

describe('what no handler of ours ever sees', () => {
  let port: number
  beforeAll(async () => {
    await rooms.app.listen(0, '127.0.0.1')
    port = (rooms.app.getHttpServer() as { address(): AddressInfo }).address().port
  })
  /** Word for word onto the wire; everything that comes back. */
  const sent = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let heard = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
      socket.once('close', () => resolve(heard)).once('error', reject)
    })
  const host = 'Host: custodia.example\r\nConnection: close\r\n\r\n'
  const upgrade = 'Host: custodia.example\r\nConnection: Upgrade, close\r\n\r\n'

  it.each([
    ['a page', 200, `GET / HTTP/1.1\r\n${host}`],
    ['another spelling of our address', 307, 'GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n'],
    ['an address that cannot be decoded', 404, `GET /%zz HTTP/1.1\r\n${host}`],
    ['no host', 400, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['an expectation of its own', 417, `GET /healthz HTTP/1.1\r\nExpect: tea\r\n${host}`],
    ['no HTTP', 400, 'please\r\n\r\n'],
    ['two lengths', 400, `POST /api/v1/me HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${host}`],
    ['headers without end', 431, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${host}`],
    ['a socket where there is none', 404, `GET /api/v1/ws HTTP/1.1\r\nUpgrade: websocket\r\n${upgrade}`],
    ['a tunnel', 400, `CONNECT other.example:443 HTTP/1.1\r\n${host}`],
    ['a method that there is not', 400, `STEAL / HTTP/1.1\r\n${host}`],
  ])('tells a browser the same for %s', async (_what, status, text) => {
    const [head = ''] = (await sent(text)).split('\r\n\r\n')
    const [line, ...lines] = head.toLowerCase().split('\r\n')
    const headers = new Map(lines.map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 2)]))
    expect(Number(line?.split(' ')[1])).toBe(status)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/)
    for (const [name, value] of Object.entries(everyAnswer(true)))
      if (name !== 'content-security-policy') expect([name, headers.get(name)]).toEqual([name, value.toLowerCase()])
    expect(lines.filter((each) => each.startsWith('strict-transport-security')).length).toBe(1)
    expect(headers.has('server')).toBe(false)
  })
})

describe('documentation', () => {
  it('is a document, and a page that needs nothing from elsewhere', async () => {
    expect((await get('/api/docs-json')).body).toMatchObject({ openapi: '3.1.0' })
    const page = await get('/api/docs')
    expect(page.status).toBe(200)
    const sources = [...page.text.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, url]) => String(url))
    expect(sources.filter((url) => /^(https?:)?\/\//.test(url))).toEqual([])
    expect(page.text).not.toMatch(/<script(?![^>]*src=)|<style>|<[^>]* style=/)
    const nonce = /<style nonce="([^"]+)"/.exec(page.text)?.[1]
    expect(page.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`)
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

  it('tell how much detection remembers where its workers are, and no rule by its name', async () => {
    expect((await get('/metrics')).text).not.toContain('custodia_detection_memory_bytes{')
    const about = () => ({
      bytes: 700,
      ceiling: 1000,
      rules: [{ rule: 'secret', groups: 1, bytes: 700, forgotten: 0 }],
    })
    const { dataDir } = rooms.app.get<Config>(CONFIG)
    const worker = await serveHealth(dataDir, [{ part: 'detection memory', check: () => Promise.resolve(), about }])
    const { text } = await get('/metrics')
    expect(text).toContain('custodia_detection_memory_bytes{of="windows"} 700')
    expect(text).toContain('custodia_detection_memory_bytes{of="ceiling"} 1000')
    expect(text).not.toContain('secret')
    await worker.close()
    expect((await get('/metrics')).text).not.toContain('custodia_detection_memory_bytes{')
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
