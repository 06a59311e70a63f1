import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { writeCertificate } from './certificate.js'
import { custodia } from './command.js'
import { processesOn, processOn } from './processes.js'
import { freePort, launch, newDataDir, removeDataDir, startRefused } from './system.js'

const backups = {
  CUSTODIA_BACKUP_TARGET: '/nowhere',
  CUSTODIA_BACKUP_PASSPHRASE: 'a passphrase for tests alone',
}
const root = process.getuid?.() === 0

describe('a start that cannot be', () => {
  let dataDir: string
  let base: string

  beforeAll(() => {
    dataDir = newDataDir()
    base = join(dataDir, '..')
  })
  afterAll(() => removeDataDir(dataDir))

  /** One line on stderr, nothing else, a code that is not zero, and no process left. */
  async function sentenceOf(env: Record<string, string>, through: string[] = []): Promise<string> {
    const { code, stdout, stderr } = await startRefused({ CUSTODIA_DATA_DIR: dataDir, ...env }, through)
    expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 1, stdout: '', lines: 2 })
    expect(stderr).toMatch(/^[A-Z].*\.\n$/)
    expect(processesOn(base)).toEqual([])
    return stderr.trim()
  }

  it('names every wrong key of the environment at once, and no value', async () => {
    const sentence = await sentenceOf({
      PORT: 'secret-1',
      PUBLIC_URL: 'secret-2',
      HOST: '192.0.2.1',
      TLS_KEY: '/secret-3',
      TRUSTED_PROXIES: 'secret-4',
      CUSTODIA_TIME_ZONE: 'Secret/5',
      CUSTODIA_LOG_LEVEL: 'secret-6',
      CUSTODIA_HOLD_TIMEOUT_MS: '7',
    })
    expect(sentence).toMatch(/PORT.*PUBLIC_URL.*HOLD_TIMEOUT_MS.*LOG_LEVEL.*TLS_CERT.*TRUSTED_PROXIES.*TIME_ZONE/)
    expect(sentence).not.toMatch(/secret/i)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('refuses an address that others can reach without TLS or a declared proxy', async () => {
    for (const HOST of ['0.0.0.0', '::', '192.0.2.1'])
      expect(await sentenceOf({ HOST })).toMatch(
        /HOST is not a loopback address: set TLS_CERT and TLS_KEY, or .*TRUSTED_PROXIES/,
      )
  })

  it('says that the port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    expect(await sentenceOf({ PORT: String(port) })).toBe(
      `Port ${port} is taken by another program: set PORT to a free one.`,
    )
    await new Promise((resolve) => taken.close(resolve))
  })

  it('says that this machine does not have the address', async () => {
    expect(await sentenceOf({ HOST: '192.0.2.1', TRUSTED_PROXIES: '192.0.2.2' })).toMatch(
      /cannot listen on 192\.0\.2\.1 .*set HOST/,
    )
  })

  it('says that the directory cannot be written', async () => {
    // Root may write everywhere, but not below a file; an ordinary user may not write below what is another's either.
    const file = join(base, 'file')
    writeFileSync(file, '')
    expect(await sentenceOf({ CUSTODIA_DATA_DIR: join(file, 'data') })).toMatch(
      /file\/data cannot be written: set CUSTODIA_DATA_DIR/,
    )
    if (root) return
    const closed = join(base, 'read-only')
    mkdirSync(closed, { mode: 0o500 })
    for (const dir of [closed, join(closed, 'data')])
      expect(await sentenceOf({ CUSTODIA_DATA_DIR: dir })).toMatch(/cannot be written: set CUSTODIA_DATA_DIR/)
  })

  it('names the directory above the data that cannot be entered', async () => {
    // Root gives the database to a user of its own, who must get there: carried by a capability, where root has it (in a
    // container it may not). Anybody else must get there himself.
    const closed = join(base, 'closed')
    mkdirSync(closed, { mode: root ? 0o700 : 0o000 })
    const through = root ? ['setpriv', '--bounding-set=-dac_read_search'] : []
    const sentence = await sentenceOf({ CUSTODIA_DATA_DIR: join(closed, 'data') }, through)
    expect(sentence).toMatch(
      root ? /the unprivileged user \d+ cannot enter \S+closed, .*run "chmod o\+x/ : /closed\/data cannot be written/,
    )
    chmodSync(closed, 0o700)
  })

  it('says that the certificate is not there, or the key another one’s', async () => {
    const { cert } = writeCertificate(base)
    mkdirSync(join(base, 'other'))
    const { key } = writeCertificate(join(base, 'other'))
    expect(await sentenceOf({ TLS_CERT: cert, TLS_KEY: key })).toMatch(
      /TLS_CERT and TLS_KEY are not a certificate and the key of this very one/,
    )
    expect(await sentenceOf({ TLS_CERT: join(base, 'nowhere.pem'), TLS_KEY: key })).toMatch(
      /: TLS_CERT names a file that is not there/,
    )
  })
})

describe('a command whose servers are down', () => {
  const nobody = '127.0.0.1:1'
  const users = Object.fromEntries(
    ['reader', 'writer', 'migrator', 'admin'].map((user) => [
      `CUSTODIA_CLICKHOUSE_${user.toUpperCase()}_URL`,
      `http://${user}:secret@${nobody}/custodia`,
    ]),
  )
  const CUSTODIA_POSTGRES_URL = `postgres://custodia:secret@${nobody}/custodia`
  const CUSTODIA_KAFKA_BROKERS = nobody
  let dataDir: string
  beforeAll(() => {
    dataDir = newDataDir()
    mkdirSync(join(dataDir, 'keys'), { recursive: true })
    writeFileSync(join(dataDir, 'keys', 'master.json'), '')
  })
  afterAll(() => removeDataDir(dataDir))

  it.each([
    ['gateway', { CUSTODIA_POSTGRES_URL }, 'PostgreSQL'],
    ['gateway', {}, 'PostgreSQL'],
    ['streams', users, 'ClickHouse'],
    ['streams', {}, 'ClickHouse'],
    ['streams', { CUSTODIA_KAFKA_BROKERS, ...users }, 'ClickHouse'],
    ['migrate', { CUSTODIA_POSTGRES_URL }, 'PostgreSQL'],
    ['migrate', { CUSTODIA_KAFKA_BROKERS }, 'Kafka'],
    ['migrate', users, 'ClickHouse'],
    ['audit-store users --apply', users, 'ClickHouse'],
    ['keys rotate', { CUSTODIA_POSTGRES_URL }, 'record store'],
    ['backup --scheduled', { CUSTODIA_POSTGRES_URL, ...backups }, 'PostgreSQL'],
    ['restore --drill', { CUSTODIA_POSTGRES_URL, ...backups }, 'PostgreSQL'],
  ])('%s says in one sentence which one it needs (%#)', async (command, env: Record<string, string>, server) => {
    const { code, stdout, stderr } = await custodia(command, { CUSTODIA_DATA_DIR: dataDir, PORT: '0', ...env })
    expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 1, stdout: '', lines: 2 })
    expect(stderr).toContain(server)
    expect(stderr).not.toMatch(/secret|^\s+at /m)
  })
})

describe('a start that is interrupted', () => {
  // As soon as each of these is there, Ctrl-C.
  it.each([/initdb|postgres/, /streams\/dist\/main/])('leaves nothing behind (at %s)', async (command) => {
    const dataDir = newDataDir()
    const child = launch([], { PORT: String(await freePort()), CUSTODIA_DATA_DIR: dataDir })
    const exited = once(child, 'exit')
    while (!processOn(dataDir, command)) await sleep(20)
    process.kill(-child.pid!, 'SIGINT')
    expect(await exited).toEqual([0, null])
    expect(processesOn(dataDir)).toEqual([])
    removeDataDir(dataDir)
  })
})
