import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateSync } from 'otplib'
import { Browser } from '../../backend/src/demo/browser.js'
import type { DemoAccount } from '../../backend/src/demo/demo-accounts.js'
import { openClickHouse, privateSocketPath } from '../../streams/src/audit-store/index.js'
import { writeCertificate } from './certificate.js'
import { processesOn, processOn, untilNoneOn } from './processes.js'
import { ask, isReady, newDataDir, removeDataDir, startRefused, startSystem, type RunningSystem } from './system.js'

const parts = {
  gateway: /backend\/dist\/main\.js/,
  streams: /streams\/dist\/main\.js/,
  ClickHouse: /audit-store\/server\/main\.js/,
  PostgreSQL: /\/postgres -D/,
}
const demo = /demo\/main\.js/

describe('the whole system on one machine', () => {
  let dataDir: string
  let system: RunningSystem
  const administrator: DemoAccount = {
    username: 'first.admin',
    password: 'a long enough password',
    totpSecret: '',
    role: 'admin',
  }
  const browser = () => new Browser(system.origin, administrator, new AbortController().signal)
  let signedIn: Browser

  /** What the log's landing has made of accesses, read past the gateway. */
  async function accesses<Row>(columns: string, where: string): Promise<Row[]> {
    const store = openClickHouse({ socketPath: privateSocketPath(dataDir, 'audit.sock') })
    try {
      return await store.query<Row>(`SELECT ${columns} FROM access_events WHERE ${where} ORDER BY time, id`)
    } finally {
      await store.close()
    }
  }

  /** Where a sign-in that says it was forwarded for another address came from, as it was written down. */
  async function addressOfForwardedSignIn(username: string): Promise<string | undefined> {
    const headers = { 'x-forwarded-for': '203.0.113.9', 'user-agent': username }
    await ask(`${system.origin}/api/v1/auth/password`, headers, { username, password: 'not the password' })
    for (;;) {
      const [row] = await accesses<{ ip: string }>('ip', `user_agent = '${username}'`)
      if (row) return row.ip
      await sleep(50)
    }
  }

  beforeAll(async () => {
    dataDir = newDataDir()
    system = await startSystem({ dataDir })
  })
  afterAll(async () => {
    await system.stop()
    removeDataDir(dataDir)
  })

  it('prints its address, the data directory and, this once, a setup code, and nothing else', async () => {
    while (!system.output().includes('Ctrl-C')) await sleep(20)
    const lines = system.output().trim().split('\n')
    expect(lines).toEqual([
      `Custodia is running: ${system.origin}`,
      expect.stringMatching(/^Setup code .*: (\w{4}-){3}\w{4}$/),
      `Data and logs are in ${dataDir}. Ctrl-C stops everything.`,
    ])
  })

  it('makes the administrator with that code', async () => {
    const { username, password } = administrator
    signedIn = browser()
    await signedIn.call('setup', { body: { code: system.setupCode!, username, display_name: 'First', password } })
    administrator.totpSecret = (await signedIn.call('totpBegin')).secret
    await signedIn.call('totpConfirm', { body: { code: generateSync({ secret: administrator.totpSecret }) } })
    expect((await signedIn.call('me')).role).toBe('admin')
  })

  it('believes nobody’s word about where a request comes from', async () => {
    expect(await addressOfForwardedSignIn('forger')).toBe('127.0.0.1')
  })

  it('sends a page that is asked for under another spelling to its own address', async () => {
    const { status, headers } = await ask(system.origin.replace('localhost', '127.0.0.1') + '/alerts?state=open')
    expect([status, headers.location]).toEqual([307, `${system.origin}/alerts?state=open`])
    expect((await ask(system.origin + '/alerts')).headers.location).toBeUndefined()
  })

  it('refuses a second start on the same directory', async () => {
    const { code, stderr } = await startRefused({ CUSTODIA_DATA_DIR: dataDir })
    expect(stderr).toBe(
      `Custodia is running on ${dataDir} already: stop it first, or set CUSTODIA_DATA_DIR to another directory.\n`,
    )
    expect(code).toBe(1)
    expect(await isReady(system.origin)).toBe(true)
  })

  it.each(Object.entries(parts))('starts %s again when it is killed', async (name, command) => {
    const before = processOn(dataDir, command)!
    process.kill(before.pid, 'SIGKILL')
    while ((processOn(dataDir, command)?.pid ?? before.pid) === before.pid || !(await isReady(system.origin)))
      await sleep(100)
    expect(system.output()).toContain(`${name} ended`)
    expect((await signedIn.call('me')).username).toBe(administrator.username)
  })

  it('ends with its supervisor, even when that is killed', async () => {
    system.process.kill('SIGKILL')
    await untilNoneOn(dataDir)
  })

  it('starts on the same directory with everything that was there, and demo people beside it', async () => {
    system = await startSystem({ dataDir, flags: ['--demo'] })
    expect(system.setupCode).toBeUndefined()
    await browser().signIn()
    expect((await accesses('id', `user_agent = 'forger'`)).length).toBe(1)
    const demoPeople = JSON.parse(readFileSync(join(dataDir, 'demo-accounts.json'), 'utf8')) as DemoAccount[]
    expect(new Set(demoPeople.map(({ role }) => role))).toEqual(
      new Set(['staff', 'manager', 'analyst', 'auditor', 'admin']),
    )
    while ((await accesses('id', "action = 'create'")).length === 0) await sleep(200) // their customers are coming
    expect(system.output()).not.toContain('demo ended')
  })

  it('stops with all its processes at Ctrl-C', async () => {
    while (!processOn(dataDir, demo)) await sleep(50)
    const code = await system.stop()
    expect(processesOn(dataDir)).toEqual([])
    expect(code).toBe(0)
  })

  it('serves HTTPS itself, and takes the word of the proxy it was told of', async () => {
    const { cert, key } = writeCertificate(join(dataDir, '..'))
    const env = { TLS_CERT: cert, TLS_KEY: key, HOST: '0.0.0.0', TRUSTED_PROXIES: '127.0.0.0/8' }
    system = await startSystem({ dataDir, env })
    const { status, headers } = await ask(`${system.origin}/readyz`)
    expect([status, headers['strict-transport-security']]).toEqual([200, expect.stringMatching(/^max-age=\d{8}/)])
    expect(await addressOfForwardedSignIn('behind a proxy')).toBe('203.0.113.9')
  })
})
