import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeCertificate } from '../../../../deploy/testing/certificate.js'
import { thisMachine } from '../testing/message.js'
import { startReceiver, type Receiver } from '../testing/receiver.js'
import { Addresses } from './addresses.js'
import { judgeStatus, post, type HttpReply, type Net } from './post.js'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.stop())

const to = (url: string, net: Partial<Net> = {}) => post({ url, headers: {}, body: '{}' }, thisMachine(net))
const failure = (reason: string, kind = 'refused') => ({ failed: { kind, reason } })

describe('where notices may go', () => {
  const open = new Addresses([])

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:7f00:1::'],
    ...['255.255.255.255', 'ff02::1', '2001:db8::1'],
  ])('not to %s by itself', (address) => expect(open.allows(address)).toBe(false))
  it.each(['8.8.8.8', '203.119.0.1', '2606:4700::1111'])('to %s', (address) => expect(open.allows(address)).toBe(true))

  it('to a private range that was allowed by name, and to no other', () => {
    const house = new Addresses(['10.1.0.0/16', 'fd00:1::/32'])
    expect(['10.1.2.3', 'fd00:1::5', '::ffff:10.1.2.3'].map((address) => house.allows(address))).toEqual([
      true,
      true,
      true,
    ])
    expect(['10.2.2.3', 'fd00:2::5', '127.0.0.1'].map((address) => house.allows(address))).toEqual([
      false,
      false,
      false,
    ])
    expect(house.allowsPlain('10.1.2.3')).toBe(false)
  })

  it('not to a name that leads inside', async () => {
    const net = { addresses: open }
    expect(await to('https://localhost:1/', net)).toEqual(failure('address not allowed'))
    expect(await to('https://[::1]:1/', net)).toEqual(failure('address not allowed'))
    expect(await to('https://2130706433/', net)).toEqual(failure('address not allowed')) // 127.0.0.1 as one number
    expect(await to(`${receiver.url}/`, net)).toEqual(failure('not encrypted'))
    expect(receiver.received).toEqual([])
  })

  it('without TLS to this machine alone', async () => {
    const addresses = new Addresses(['0.0.0.0/0'])
    expect(await to('http://10.0.0.1/', { addresses })).toEqual(failure('not encrypted'))
    expect(await to('http://8.8.8.8/', { addresses })).toEqual(failure('not encrypted'))
  })

  it('not with a password in the address', async () => {
    expect(await to('https://a:b@8.8.8.8/')).toEqual(failure('password in the address'))
  })
})

describe('what it bears with', () => {
  it('trusts no certificate that nobody signed, and tells such a server nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodia-tls-'))
    const { cert, key } = writeCertificate(dir)
    let asked = 0
    const server = createServer({ cert: await readFile(cert), key: await readFile(key) }, () => asked++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await to(`https://localhost:${port}/`)).toEqual(failure('DEPTH_ZERO_SELF_SIGNED_CERT', 'retry'))
    expect(asked).toBe(0)
    await new Promise((resolve) => server.close(resolve))
    await rm(dir, { recursive: true })
  })

  it('follows no redirect', async () => {
    receiver.answer = (response) => response.writeHead(302, { location: `${receiver.url}/inside` }).end()
    const posted = await to(`${receiver.url}/hook`)
    expect(posted).toMatchObject({ reply: { status: 302 } })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
    expect('reply' in posted && judgeStatus(posted.reply)).toEqual({ kind: 'refused', reason: 'HTTP 302' })
  })

  it('waits so long and no longer, for the head and for the body', async () => {
    receiver.answer = () => undefined
    expect(await to(receiver.url, { timeoutMs: 200 })).toEqual(failure('timed out', 'retry'))
    receiver.answer = (response) => response.writeHead(200).write('…')
    expect(await to(receiver.url, { timeoutMs: 200 })).toEqual(failure('timed out', 'retry'))
  })

  it('reads so much and no more', async () => {
    receiver.answer = (response) => {
      const more = () => void (response.writable && response.write('x'.repeat(65_536), more))
      more()
    }
    const posted = await to(receiver.url)
    expect('reply' in posted && posted.reply.text.length).toBe(16_384)
  })

  it('says when nobody is there', async () => {
    await receiver.stop()
    expect(await to(receiver.url)).toEqual(failure('ECONNREFUSED', 'retry'))
    receiver = await startReceiver()
  })
})

describe('what a status means', () => {
  const reply = (status: number, retryAfter?: string): HttpReply => ({ status, retryAfter, text: '' })
  const now = Date.parse('2026-03-10T02:00:00Z')

  it('2xx: read on; 4xx: never; 5xx: later', () => {
    expect(judgeStatus(reply(204))).toBeUndefined()
    expect(judgeStatus(reply(404))).toEqual({ kind: 'refused', reason: 'HTTP 404' })
    expect(judgeStatus(reply(500))).toEqual({ kind: 'retry', reason: 'HTTP 500' })
  })
  it('429: when it says, in seconds or by date', () => {
    expect(judgeStatus(reply(429, '17'), now)).toEqual({ kind: 'retry', reason: 'HTTP 429', afterSeconds: 17 })
    const date = 'Tue, 10 Mar 2026 02:01:00 GMT'
    expect(judgeStatus(reply(429, date), now)).toEqual({ kind: 'retry', reason: 'HTTP 429', afterSeconds: 60 })
    expect(judgeStatus(reply(429, 'soon'), now)).toEqual({ kind: 'retry', reason: 'HTTP 429' })
  })
})
