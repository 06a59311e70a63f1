import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClickHouse, privateSocketPath, startChdb, type ChdbProcess } from '@custodia/streams/audit-store'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { writeCertificate } from '../../../../deploy/testing/certificate.js'
import { backupId } from '../../backup/manifest.js'
import { keyFileOf, readConfig } from '../../config.js'
import { startPostgres, type EmbeddedPostgres } from '../../record-store/embedded.js'
import { inspectPostgres } from '../../record-store/inspect.js'
import { RecordStore } from '../../record-store/record-store.js'
import { openKeyFile } from '../../vault/keys/key-file.js'
import { diagnose } from './command.js'
import { clockOutcome, type Finding } from './finding.js'

let dir: string
let postgres: EmbeddedPostgres
let chdb: ChdbProcess
const configOf = (more: Record<string, string> = {}) => readConfig({ CUSTODIA_DATA_DIR: dir, ...more })
const about = async (check: string, more?: Record<string, string>): Promise<Finding[]> =>
  (await diagnose(configOf(more))).filter((finding) => finding.check === check)
const failuresOf = (findings: Finding[]) => findings.filter(({ state }) => state === 'fail').map(({ found }) => found)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-doctor-'))
  await chmod(dir, 0o711)
  for (const room of ['log', 'photos']) await mkdir(join(dir, room))
  const config = configOf()
  postgres = await startPostgres({ dataDir: join(dir, 'postgres'), runDir: config.postgresRunDir })
  chdb = await startChdb({ dataDir: join(dir, 'clickhouse'), socketPath: privateSocketPath(dir, 'audit.sock') })
  await openKeyFile(keyFileOf(config))
}, 120_000)

afterAll(async () => {
  await Promise.all([postgres.stop(), chdb.stop()])
  await rm(dir, { recursive: true, force: true })
})

describe('the doctor', () => {
  it('says what waits before the first start, and that nothing fails', async () => {
    const findings = await diagnose(configOf())
    expect(failuresOf(findings)).toEqual([])
    expect(findings.filter(({ found }) => found.includes('migrations wait')).map(({ check }) => check)).toEqual([
      'PostgreSQL',
      'ClickHouse',
    ])
  })

  it('finds everything well when it is', async () => {
    const records = await RecordStore.open({ connection: postgres.connection, onError: () => undefined })
    await records.close()
    const audit = openClickHouse({ socketPath: privateSocketPath(dir, 'audit.sock') })
    await audit.migrate()
    await audit.close()
    const findings = await diagnose(configOf())
    const unwell = findings.filter(
      ({ state, check }) => state !== 'ok' && !['memory', 'calendar'].includes(check) && !/free$/.test(check),
    )
    expect(unwell.map(({ check, found }) => `${check}: ${found}`)).toEqual(['backups: none are configured'])
    expect(findings.map(({ found }) => found)).toEqual(
      expect.arrayContaining(['every migration has run', 'an object was put, read back and deleted']),
    )
  })

  it('names the rights that a role of PostgreSQL lacks', async () => {
    const admin = new pg.Client(postgres.connection)
    await admin.connect()
    await admin.query('create role weak login; grant select on accounts to weak').finally(() => admin.end())
    const facts = await inspectPostgres({ ...postgres.connection, user: 'weak' }, 4000)
    expect(facts).toMatchObject({ superuser: false, mayMigrate: false, missing: 'unknown' })
    expect(facts.closedTables).toEqual(expect.arrayContaining(['accounts', 'customers']))
  })

  it('is told by a key file that others may read, one that is damaged, and one that is lost', async () => {
    const path = keyFileOf(configOf())
    const content = await readFile(path, 'utf8')
    await chmod(path, 0o644)
    expect(failuresOf(await about('keys'))).toEqual([expect.stringContaining('can be read by others')])
    await chmod(path, 0o600)
    await writeFile(path, content.slice(0, -20))
    expect(failuresOf(await about('keys'))).toEqual([expect.stringContaining('is damaged')])
    await writeFile(path, content)
    await rename(path, `${path}.away`)
    expect(await about('keys')).toEqual([
      expect.objectContaining({ state: 'warn', todo: expect.stringContaining('backup') }),
    ])
    await rename(`${path}.away`, path)
  })

  it('reads the certificate: whose it is, and for how long', async () => {
    const files = writeCertificate(dir)
    const tls = { TLS_CERT: files.cert, TLS_KEY: files.key }
    expect(await about('PUBLIC_URL', { ...tls, PUBLIC_URL: 'https://localhost:8443' })).toEqual([
      expect.objectContaining({ state: 'ok', found: expect.stringMatching(/valid for \d+ more days/) }),
    ])
    expect(failuresOf(await about('PUBLIC_URL', { ...tls, PUBLIC_URL: 'https://custodia.example.com' }))).toEqual([
      'the certificate does not name custodia.example.com',
    ])
  })

  it('names the file and line of a rule that does not load', async () => {
    await mkdir(join(dir, 'rules'))
    await writeFile(join(dir, 'rules', 'broken.yml'), 'title: x\ndetection: 7\n')
    const findings = await about('rules')
    expect(failuresOf(findings)).toEqual([expect.stringMatching(/^broken\.yml/)])
    expect(findings).toContainEqual(
      expect.objectContaining({ state: 'ok', found: expect.stringMatching(/^\d+ rules load/) }),
    )
    await rm(join(dir, 'rules'), { recursive: true })
  })

  it('says so when photos cannot be stored', async () => {
    await rename(join(dir, 'photos'), join(dir, 'photos-away'))
    await writeFile(join(dir, 'photos'), 'not a folder')
    expect(failuresOf(await about('photo store'))).toHaveLength(1)
    await rm(join(dir, 'photos'))
    await rename(join(dir, 'photos-away'), join(dir, 'photos'))
  })

  it('says so when the data directory is not one, is open to others, or is not there', async () => {
    const file = join(dir, 'file')
    await writeFile(file, '')
    expect(failuresOf(await about('data directory', { CUSTODIA_DATA_DIR: file }))).toEqual([
      `${file} is not a directory`,
    ])
    await chmod(dir, 0o777)
    expect(await about('data directory')).toContainEqual(
      expect.objectContaining({ state: 'warn', found: expect.stringContaining('open to others') }),
    )
    await chmod(dir, 0o711)
    expect(await about('data directory', { CUSTODIA_DATA_DIR: join(dir, 'none') })).toEqual([
      expect.objectContaining({ state: 'warn' }),
    ])
  })

  it('ends, and says so, when servers accept and never answer, and prints none of their passwords', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as AddressInfo
    const findings = await diagnose(
      configOf({
        CUSTODIA_POSTGRES_URL: `postgres://custodia:hidden-1@127.0.0.1:${port}/custodia`,
        CUSTODIA_CLICKHOUSE_URL: `http://custodia:hidden-2@127.0.0.1:${port}`,
        CUSTODIA_KAFKA_BROKERS: `127.0.0.1:${port}`,
        CUSTODIA_S3_BUCKET: 'photos',
        CUSTODIA_S3_ENDPOINT: `http://127.0.0.1:${port}`,
        CUSTODIA_S3_ACCESS_KEY_ID: 'hidden-3',
        CUSTODIA_S3_SECRET_ACCESS_KEY: 'hidden-4',
      }),
    )
    silent.close()
    const failed = findings.filter(({ state }) => state === 'fail')
    expect(failed.map(({ check }) => check).sort()).toEqual(['ClickHouse', 'Kafka', 'PostgreSQL', 'photo store'])
    for (const { todo } of failed) expect(todo).toMatch(/see that/)
    expect(JSON.stringify(findings)).not.toContain('hidden')
  })

  it('says of each server that is down what to do, and goes on with the rest', async () => {
    await Promise.all([postgres.stop(), chdb.stop()])
    const findings = await diagnose(configOf())
    expect(findings.filter(({ state }) => state === 'fail').map(({ check }) => check)).toEqual([
      'PostgreSQL',
      'ClickHouse',
    ])
    expect(findings.filter(({ check }) => check === 'rules')).toEqual([expect.objectContaining({ state: 'ok' })])
  })

  it('misses backups that are not there, and a target that is not', async () => {
    const CUSTODIA_BACKUP_PASSPHRASE = 'a passphrase of several words'
    const of = (target: string) => about('backups', { CUSTODIA_BACKUP_TARGET: target, CUSTODIA_BACKUP_PASSPHRASE })
    const target = join(dir, 'backups')
    expect(await of(target)).toMatchObject([{ state: 'fail' }])
    await mkdir(target)
    expect(await of(target)).toMatchObject([{ state: 'warn', found: 'there is no verified one yet' }])
    const made = async (at: Date) => {
      const id = backupId(at)
      await mkdir(join(target, 'backups', id), { recursive: true })
      for (const file of ['manifest.json', 'verified.json']) await writeFile(join(target, 'backups', id, file), '{}')
    }
    await made(new Date(Date.now() - 48 * 3_600_000))
    expect(await of(target)).toMatchObject([{ state: 'fail', found: '1 verified, the newest 48 h old' }])
    await made(new Date())
    expect(await of(target)).toMatchObject([{ state: 'ok', found: '2 verified, the newest 0 h old' }])
  })
})

describe('a clock', () => {
  it('is well within what the question itself took, wrong beyond a second, and useless beyond half a minute', () => {
    expect(clockOutcome(4000, 3500)).toEqual([])
    expect(clockOutcome(-2500, 5)).toEqual([
      expect.objectContaining({ state: 'warn', found: expect.stringContaining('2.5 s behind') }),
    ])
    expect(clockOutcome(90_000, 5)).toEqual([
      expect.objectContaining({ state: 'fail', found: expect.stringContaining('ahead of') }),
    ])
  })
})
