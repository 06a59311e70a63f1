import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ChannelConfig } from '@custodia/contracts'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { aMessage, thisMachine } from '../testing/message.js'
import { tell } from './index.js'

const at = new Date('2026-03-10T02:00:05.000Z')
const mails: { to: string[]; text: string }[] = []
let server: SMTPServer

async function startServer(options: SMTPServerOptions = {}): Promise<ConfigOverrides> {
  mails.length = 0
  server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    logger: false,
    authOptional: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
    ...options,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.server.address() as AddressInfo).port }
}
afterEach(() => new Promise<void>((resolve) => server.close(resolve)))

type Email = Extract<ChannelConfig, { kind: 'email' }>
type ConfigOverrides = Partial<Email>
const say = (over: ConfigOverrides) => {
  const config: Email = {
    kind: 'email',
    host: '127.0.0.1',
    port: 25,
    security: 'none',
    from: 'custodia@example.com',
    to: ['duty@example.com', 'second@example.com'],
    ...over,
  }
  return tell(config, aMessage(), 'zh-CN', at, thisMachine())
}
const refusing = (responseCode: number): Error => Object.assign(new Error('mailbox of li.na is full'), { responseCode })

describe('e-mail', () => {
  it('arrives with subject, text and an id that stays', async () => {
    expect(await say(await startServer())).toEqual({ kind: 'delivered' })
    const [mail] = mails
    expect(mail?.to).toEqual(['duty@example.com', 'second@example.com'])
    expect(mail?.text).toContain('Message-ID: <delivery-1@custodia>')
    expect(mail?.text).toContain('Auto-Submitted: auto-generated')
    const [head = '', body = ''] = (mail?.text ?? '').split('\r\n\r\n')
    expect(head).toMatch(/Subject: =\?UTF-8\?/)
    const encoding = /Content-Transfer-Encoding: (\S+)/.exec(head)?.[1]
    const text = encoding === 'base64' ? Buffer.from(body, 'base64').toString() : body
    expect(encoding === 'base64' ? text : decodeURIComponent(text.replace(/=\r\n/g, '').replace(/=/g, '%'))).toContain(
      '张三 在 10 分钟内打开了 51 位客户的照片',
    )
  })

  it('signs in where there is a user', async () => {
    const users: (string | undefined)[] = []
    const where = await startServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) => {
        users.push(username)
        if (password === 'right') done(null, { user: username })
        else done(Object.assign(new Error('no'), { responseCode: 535 }))
      },
    })
    expect(await say({ ...where, user: 'custodia', password: 'right' })).toEqual({ kind: 'delivered' })
    expect(await say({ ...where, user: 'custodia', password: 'wrong' })).toEqual({
      kind: 'refused',
      reason: 'SMTP 535',
    })
    expect(users).toContain('custodia')
  })

  it.each([
    [451, { kind: 'retry', reason: 'SMTP 451' }],
    [550, { kind: 'refused', reason: 'SMTP 550' }],
  ])('a server that answers %d is quoted by number alone', async (code, outcome) => {
    const where = await startServer({ onMailFrom: (_address, _session, done) => done(refusing(code)) })
    expect(await say(where)).toEqual(outcome)
  })

  it('never goes unencrypted where encryption was asked for', async () => {
    const where = await startServer()
    expect(await say({ ...where, security: 'starttls' })).toEqual({ kind: 'refused', reason: 'SMTP 500' })
    expect(await say({ ...where, security: 'tls' })).toMatchObject({ kind: 'retry' })
    expect(mails).toEqual([])
  })

  it('trusts no certificate that nobody signed', async () => {
    const where = await startServer({ disabledCommands: [] })
    expect(await say({ ...where, security: 'starttls' })).toMatchObject({ kind: 'retry' })
    expect(mails).toEqual([])
  })

  it('goes unencrypted to this machine alone', async () => {
    const where = await startServer()
    expect(await say({ ...where, host: '10.0.0.1' })).toEqual({ kind: 'refused', reason: 'not encrypted' })
  })
})
