import { get, type IncomingHttpHeaders, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { problems, Role, routes, type AccessEvent, type ProblemCode, type RouteSpec } from '@custodia/contracts'
import { v7 as uuidv7 } from 'uuid'
import { presets } from '../gateway/policy-table.js'
import type { TestClient } from '../testing/client.js'
import { aPicture, newCustomer, uploadOf, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { SlowReader } from '../testing/slow-reader.js'
import { aCustomer } from '../vault/testing/requests.js'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT' | 'OPTIONS'
interface Sent {
  method?: Method
  url: string
  headers?: Record<string, string>
  payload?: string | Buffer
  remoteAddress?: string
}

const json = { 'content-type': 'application/json' }
const nul = '\u0000'

/** JSON that is well formed and nobody's question: for every member that a body has, the same one. */
const confusions: [string, string][] = [
  ['lists', '["a"]'],
  ['objects', '{"$ne": "", "toString": 1, "length": -1}'],
  ['numbers past all bounds', '1e999'],
  ['a null character', '"a\\u0000"'],
  ['depth', '['.repeat(20_000) + ']'.repeat(20_000)],
]
const withJson = (Object.entries(routes) as [string, RouteSpec][]).filter(([, { body, consumes }]) => body && !consumes)
/** The members of a body; of one that takes any, what the senders of such bodies call them. */
const membersOf = ({ body }: RouteSpec): string[] =>
  body && 'shape' in body
    ? Object.keys(body.shape as object)
    : ['userName', 'active', 'roles', 'Operations', 'response']

describe('bad input', () => {
  let gateway: TestGateway
  let clerk: TestClient
  let analyst: TestClient
  let auditor: TestClient
  let customer: KeptCustomer

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { TRUSTED_PROXIES: '192.0.2.10' } })
    clerk = await gateway.signedIn('staff')
    analyst = await gateway.signedIn('analyst')
    auditor = await gateway.signedIn('auditor')
    customer = await newCustomer(clerk)
  })
  afterAll(() => gateway?.stop())

  const send = ({ method = 'GET', headers, ...rest }: Sent, by: TestClient = clerk) =>
    gateway.app.inject({ method, headers: { host: 'localhost:8080', cookie: by.cookieHeader(), ...headers }, ...rest })
  /** The answer is a problem of the table, and not one of our own making. */
  const problemOf = async (sent: Sent, by?: TestClient): Promise<[status: number, code: string]> => {
    const reply = await send(sent, by)
    const name = `${sent.method ?? 'GET'} ${sent.url.slice(0, 100)}`
    expect([name, String(reply.headers['content-type']).split(';')[0]]).toEqual([name, 'application/problem+json'])
    const { code, status, title, detail, type } = reply.json<Record<string, string>>()
    expect([name, reply.statusCode]).toEqual([name, problems[code as ProblemCode]?.status])
    expect([Number(status), type]).toEqual([reply.statusCode, `urn:custodia:problem:${code}`])
    expect([Boolean(title), Boolean(detail)]).toEqual([true, true])
    expect([name, reply.statusCode < 500]).toEqual([name, true])
    return [reply.statusCode, code ?? '']
  }
  const create = (payload: string, headers: Record<string, string> = json) =>
    problemOf({ method: 'POST', url: '/api/v1/customers', headers, payload })

  it.each([
    ['no JSON', '{"name": ', 'malformed_body'],
    ['JSON of another type', '[1, 2]', 'invalid_input'],
    ['null', 'null', 'invalid_input'],
    ['a string', '"name"', 'invalid_input'],
    ['nothing', '', 'malformed_body'],
    ['a wrong type in a field', JSON.stringify(aCustomer({ name: 7 as never })), 'invalid_input'],
    ['a list for a field', JSON.stringify(aCustomer({ name: ['a'] as never })), 'invalid_input'],
    ['an object for a field', JSON.stringify(aCustomer({ name: { $ne: '' } as never })), 'invalid_input'],
    ['a field that is too long', JSON.stringify(aCustomer({ name: 'x'.repeat(101) })), 'invalid_input'],
    [
      'half a character in a name',
      JSON.stringify(aCustomer({ name: '张x' })).replace('张x', '张\\ud800'),
      'invalid_input',
    ],
    ['a null character', JSON.stringify(aCustomer({ name: `张${nul}伟` })), 'invalid_input'],
    ['a null character in a tag', JSON.stringify(aCustomer({ tags: [`a${nul}`] })), 'invalid_input'],
    ['a prototype in the body', '{"__proto__": {"role": "admin"}}', 'malformed_body'],
    ['a constructor in the body', '{"constructor": {"prototype": {"role": "admin"}}}', 'malformed_body'],
    ['a body nested very deep', '['.repeat(100_000) + ']'.repeat(100_000), 'malformed_body'],
    ['an invalid ID number', JSON.stringify(aCustomer({ id_number: '11010119900307123X' })), 'invalid_id_number'],
  ] as const)('%s is told as what it is', async (_what, payload, code) => {
    const [, heard] = await create(payload)
    expect(heard).toBe(code)
    expect(({} as { role?: string }).role).toBeUndefined()
  })

  it('confusing members in the body of any route do no harm to whoever may ask it', async () => {
    const people = new Map<Role, TestClient>([
      ['staff', clerk],
      ['analyst', analyst],
      ['auditor', auditor],
      ['manager', await gateway.signedIn('manager')],
      ['admin', await gateway.signedIn('admin')],
    ])
    const wrong: string[] = []
    for (const [name, spec] of withJson) {
      const may = [...people.keys()].find((role) => !spec.needs || presets.separation.rows[spec.needs][role])
      const url = `/api/v1${spec.path.replace(/:\w+/g, uuidv7())}`
      for (const [what, value] of confusions) {
        const payload = `{${membersOf(spec)
          .map((member) => `"${member}": ${value}`)
          .join()}}`
        const sent = { method: spec.method as Method, url, headers: json, payload }
        const { statusCode } = await send(sent, people.get(may ?? 'admin'))
        if (statusCode < 400 || statusCode >= 500) wrong.push(`${name}, ${what}: ${statusCode}`)
      }
    }
    expect(withJson.length).toBeGreaterThan(50)
    expect(wrong).toEqual([])
  }, 180_000)

  it('depth is refused where any member is taken, too, and what is as deep as ours is not', async () => {
    const answer = (response: string) => {
      const payload = `{"challenge_id": "${uuidv7()}", "response": {"a": ${response}}}`
      return problemOf({ method: 'POST', url: '/api/v1/auth/passkey', headers: json, payload })
    }
    for (const depth of [31, 10_000])
      expect(await answer('['.repeat(depth) + ']'.repeat(depth))).toEqual([400, 'malformed_body'])
    expect(await answer('['.repeat(29) + ']'.repeat(29))).toEqual([401, 'bad_credentials'])
  })

  it('a body that is too large is not read to its end', async () => {
    expect(await create(JSON.stringify(aCustomer({ address: 'x'.repeat(2_000_000) })))).toEqual([413, 'body_too_large'])
    const { payload } = uploadOf(Buffer.alloc(21 * 1024 * 1024))
    const photo = {
      method: 'POST' as const,
      url: `/api/v1/customers/${customer.id}/photos`,
      headers: { 'content-type': payload?.contentType ?? '' },
      payload: payload?.bytes,
    }
    expect(await problemOf(photo)).toEqual([413, 'body_too_large'])
  })

  it('a request that never ends holds no connection for good: headers have a minute, bodies have five', () => {
    const { requestTimeout, headersTimeout } = gateway.app.getHttpServer() as Server
    expect([requestTimeout, headersTimeout]).toEqual([300_000, 60_000])
  })

  it('what is packed is not unpacked: a small body cannot become a large one', async () => {
    const payload = gzipSync(JSON.stringify(aCustomer({ address: 'x'.repeat(50_000_000) })))
    expect(payload.byteLength).toBeLessThan(100_000)
    const packed = { ...json, 'content-encoding': 'gzip' }
    expect(await problemOf({ method: 'POST', url: '/api/v1/customers', headers: packed, payload })).toEqual([
      400,
      'malformed_body',
    ])
  })

  it('a method in a header or in the question is none', async () => {
    const url = `/api/v1/customers/${customer.id}`
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override'])
      expect((await send({ url, headers: { [name]: 'DELETE' } })).statusCode).toBe(200)
    expect((await send({ url: `${url}?_method=DELETE` })).statusCode).toBe(200)
    expect((await clerk.call('customerView', { params: { id: customer.id } })).status).toBe(200)
  })

  it('a photo that is none, or a body of another type, is refused by its content', async () => {
    const url = `/api/v1/customers/${customer.id}/photos`
    const asPhoto = (file: Buffer) => {
      const { payload } = uploadOf(file)
      return {
        method: 'POST' as const,
        url,
        headers: { 'content-type': payload?.contentType ?? '' },
        payload: payload?.bytes,
      }
    }
    expect(await problemOf(asPhoto(Buffer.from('%PDF-1.7 not a photo')))).toEqual([422, 'not_an_image'])
    expect(await problemOf(asPhoto((await aPicture()).subarray(0, 300)))).toEqual([422, 'not_an_image'])
    const others = { 'application/x-www-form-urlencoded': 'name=x', 'text/xml': '<a/>', nonsense: '{}' }
    for (const [type, body] of Object.entries(others))
      expect([type, ...(await create(body, { 'content-type': type }))]).toEqual([type, 415, 'unsupported_media_type'])
    expect(await problemOf({ ...asPhoto(Buffer.from('x')), payload: '--broken' })).toEqual([400, 'malformed_body'])
    expect((await problemOf({ method: 'POST', url, headers: json, payload: '{}' }))[0]).toBe(415)
  })

  it.each([
    '/api/v1/nothing',
    '/api/v1',
    '/api/v1/',
    '/api/v2/customers',
    '/api/nothing',
    '/api/v1/customers/',
    '/api/v1/customers//accesses',
    '/api/v1/customers/x/y/z',
    '/api/v1/customers/..%2f..%2fetc%2fpasswd',
    '/api/v1/photos/..%5c..%5cmaster.json',
    '/api/v1/customers/%00',
    '/api/v1/customers/a%00b',
    '/api/v1/customers/%ff%fe',
    '/api/v1/customers/%E0%A4%A',
    `/api/v1/customers/${'x'.repeat(150)}`,
    `/api/v1/customers/${'x'.repeat(500)}`,
    '/api/v1/photos/%F0%9F%93%B7?purpose=contract',
    '/api/v1/photos/__proto__?purpose=contract',
    "/api/v1/customers/'%20or%201=1--",
  ])('the address %s is no way to anything', async (url) => {
    const [status] = await problemOf({ url })
    expect([url, [400, 404, 414].includes(status)]).toEqual([url, true])
  })

  it.each([
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%00',
    '/index.html%00.js',
    '/..\\..\\package.json',
    '/assets/../../package.json',
    '//etc/passwd',
    '/.env',
    '/src/main.ts',
  ])('the page %s is no file of ours', async (url) => {
    const reply = await send({ url })
    expect([url, reply.statusCode < 500 || reply.body.includes('not built')]).toEqual([url, true])
    for (const inside of ['"dependencies"', 'root:', 'import ']) expect(reply.body).not.toContain(inside)
  })

  it('other spellings of an address lead nowhere, or through the same door', async () => {
    const path = `customers/${customer.id}`
    const stranger = gateway.stranger()
    for (const url of [
      `/api/v1/${path.replace('c', '%63')}`,
      `/api/v1//${path}`,
      `//api/v1/${path}`,
      `/API/V1/${path}`,
      `/api/v1/Customers/${customer.id}`,
      `/api/v1/${path};a=b`,
      `/api/v1/${path}/`,
      `/api/v1/healthz/..;/${path}`,
      `/api/v1/healthz/%2e%2e/${path}`,
      `/api/v1/setup%2f..%2f${path}`,
    ]) {
      const { statusCode, body } = await send({ url }, stranger)
      expect([url, [401, 404].includes(statusCode) || body.includes('<!doctype html>')]).toEqual([url, true])
      expect(body).not.toContain(customer.id)
    }
  })

  it('an address that names another house leads to ours', async () => {
    const port = await gateway.listen()
    for (const [path, host] of [
      ['http://evil.example/customers', 'evil.example'],
      ['http://evil.example/customers', 'localhost:8080'],
      ['//evil.example/customers', 'evil.example'],
      ['/\\evil.example', 'evil.example'],
    ] as const) {
      const { location } = await new Promise<IncomingHttpHeaders>((resolve, reject) =>
        get({ port, path, headers: { host } }, (answer) => resolve(answer.resume().headers)).once('error', reject),
      )
      if (location) expect([path, new URL(location).origin]).toEqual([path, 'http://localhost:8080'])
    }
  })

  it('the same holds for addresses that no library has tidied up', async () => {
    const port = await gateway.listen()
    for (const path of [
      '/../../../../etc/passwd',
      '/assets/../../../package.json',
      '/api/v1/photos/../../../etc/passwd',
    ]) {
      const reply = await SlowReader.get(port, path, clerk.cookieHeader())
      expect(reply.headers).not.toMatch(/root:|"dependencies"/)
      expect([path, reply.status === 200 ? /text\/html/.test(reply.headers) : reply.status >= 400]).toEqual([
        path,
        true,
      ])
      await reply.rest()
    }
  })

  it('a method that an address does not take is told so', async () => {
    for (const [method, url] of [
      ['PUT', '/api/v1/customers'],
      ['DELETE', '/api/v1/customers'],
      ['POST', '/api/v1/people'],
      ['PATCH', `/api/v1/photos/${customer.photo}`],
      ['POST', '/healthz'],
      ['DELETE', '/'],
    ] as const)
      expect([404, 405]).toContain((await problemOf({ method, url }))[0])
  })

  it.each([
    ['customers', 'clerk', ['x', 'AAAA', '%00', 'W10', '0', '%22%5D']],
    ['events', 'analyst', ['x', 'x/y', '/', '2026-13-45T99:99:99Z/a', '%00/%00', `2026-01-01T00:00:00Z/${nul}`]],
    ['alerts', 'analyst', ['x', 'x/y', '/', '2026-13-45T99:99:99Z/a', `2026-01-01T00:00:00Z/${nul}`]],
    ['people', 'analyst', [nul, `a${nul}`]],
  ] as const)('a cursor of %s that we did not write is refused', async (list, role, cursors) => {
    const by = role === 'clerk' ? clerk : analyst
    for (const cursor of cursors) {
      const url = `/api/v1/${list}?cursor=${cursor.includes('%') ? cursor : encodeURIComponent(cursor)}`
      expect([url, ...(await problemOf({ url }, by))]).toEqual([url, 400, 'invalid_input'])
    }
  })

  it.each([
    ['customers?limit=0', 'clerk'],
    ['customers?limit=1e9', 'clerk'],
    ['customers?limit=x', 'clerk'],
    ['customers?limit=10&limit=20', 'clerk'],
    ['customers?q=a%00b', 'clerk'],
    [`customers?q=${'x'.repeat(200)}`, 'clerk'],
    ['customers?captured_from=2026-02-30', 'clerk'],
    ['customers?captured_from=yesterday', 'clerk'],
    ['events?from=yesterday', 'analyst'],
    ['events?actor=%00', 'analyst'],
    ['events?limit=-1', 'analyst'],
    ['people?q=%00', 'analyst'],
    ['alerts?state=gone', 'analyst'],
    ['alerts?actor=%00', 'analyst'],
    ['reports?kind=access', 'auditor'],
    ['reports?kind=all&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', 'auditor'],
    ['reports?kind=access&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'auditor'],
    ['reports?kind=access&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'auditor'],
    ['reports?kind=access&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&person=%00', 'auditor'],
  ] as const)('the question %s is refused, and says which field', async (question, role) => {
    const by = { clerk, analyst, auditor }[role]
    const url = `/api/v1/${question}`
    expect(await problemOf({ url }, by)).toEqual([400, 'invalid_input'])
    const { errors } = (await send({ url }, by)).json<{ errors: { path: string }[] }>()
    expect(errors.length).toBeGreaterThan(0)
    for (const { path } of errors) expect(path).toMatch(/^query\./)
  })

  it('a request from another site changes nothing', async () => {
    const sent = { method: 'PATCH' as const, url: `/api/v1/customers/${customer.id}`, payload: '{"tags":["stolen"]}' }
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:8081',
      'https://localhost:8080',
      'http://localhost:8080.evil.example',
    ])
      expect(await problemOf({ ...sent, headers: { ...json, origin } })).toEqual([403, 'wrong_origin'])
    const { tags } = await clerk.ok('customerView', { params: { id: customer.id } })
    expect(tags).not.toContain('stolen')
    expect((await send({ ...sent, headers: { ...json, origin: 'http://localhost:8080' } })).statusCode).toBe(200)
  })

  it('a forwarded address counts only when the proxy in front says it', async () => {
    const view = async (remoteAddress: string, forwarded: string) => {
      const url = `/api/v1/customers/${customer.id}`
      const reply = await send({
        url,
        remoteAddress,
        headers: { 'x-forwarded-for': forwarded, 'x-real-ip': '198.51.100.9', forwarded: 'for=198.51.100.9' },
      })
      return String(reply.headers['custodia-event-id'])
    }
    const forged = await view('203.0.113.5', '198.51.100.7')
    const honest = await view('192.0.2.10', '198.51.100.7')
    const through = await view('192.0.2.10', '10.9.9.9, 198.51.100.8') // the client wrote the first, the proxy the second
    const ips = new Map<string, AccessEvent['ip']>()
    for (const { partition, start, end } of await gateway.log.range('access-events'))
      for await (const { value } of gateway.log.read('access-events', partition, start, end)) {
        const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
        ips.set(event.id, event.ip)
      }
    expect([ips.get(forged), ips.get(honest), ips.get(through)]).toEqual([
      '203.0.113.5',
      '198.51.100.7',
      '198.51.100.8',
    ])
  })

  it('headers that are too large or make no sense do no harm', async () => {
    expect(
      (await send({ url: '/api/v1/me', headers: { cookie: `__Host-custodia=${'x'.repeat(5000)}` } })).statusCode,
    ).toBe(401)
    expect((await send({ url: '/api/v1/me', headers: { cookie: '=;;;=%%%' } })).statusCode).toBe(401)
    expect((await send({ url: '/api/v1/me', headers: { 'user-agent': 'x'.repeat(5000) } })).statusCode).toBe(200)
    expect((await send({ url: '/api/v1/customers', headers: { 'user-agent': '\u0001\u00ff' } })).statusCode).toBe(200)
    expect((await send({ url: '/api/v1/customers', headers: { host: 'evil.example' } })).statusCode).toBe(200)
    const moved = await send({ url: '/customers', headers: { host: 'evil.example' } })
    expect([moved.statusCode, moved.headers.location]).toEqual([307, 'http://localhost:8080/customers'])
  })
})
