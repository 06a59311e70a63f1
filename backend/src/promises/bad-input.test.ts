import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { problems, type AccessEvent, type ProblemCode } from '@custodia/contracts'
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
    ['a body nested very deep', '['.repeat(100_000) + ']'.repeat(100_000), 'invalid_input'],
    ['an invalid ID number', JSON.stringify(aCustomer({ id_number: '11010119900307123X' })), 'invalid_id_number'],
  ] as const)('%s is told as what it is', async (_what, payload, code) => {
    const [, heard] = await create(payload)
    expect(heard).toBe(code)
    expect(({} as { role?: string }).role).toBeUndefined()
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
    expect(await create('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      400,
      'invalid_input',
    ])
    expect(await create('<a/>', { 'content-type': 'text/xml' })).toEqual([415, 'unsupported_media_type'])
    expect(await create('{}', { 'content-type': 'nonsense' })).toEqual([415, 'unsupported_media_type'])
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
