import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { postgresSocketOf, startPostgres, type EmbeddedPostgres } from './embedded.js'
import { findPostgresBinaries } from './embedded-binaries.js'
import { commandAs, serverUser } from './embedded-user.js'

async function run<Row extends pg.QueryResultRow>(server: EmbeddedPostgres, sql: string): Promise<Row[]> {
  const client = new pg.Client(server.connection)
  client.on('error', () => undefined) // the server is killed under it
  await client.connect()
  const { rows } = await client.query<Row>(sql)
  await client.end()
  return rows
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the embedded PostgreSQL', () => {
  let base: string
  let dataDir: string
  let server: EmbeddedPostgres | undefined
  const start = async (runDir = join(base, 'run')) => (server = await startPostgres({ dataDir, runDir }))

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'custodia-pg-test-'))
    await chmod(base, 0o711)
    dataDir = join(base, 'postgres')
  })
  afterEach(async () => {
    await server?.stop()
    server = undefined
  })
  afterAll(() => rm(base, { recursive: true, force: true }))

  it('keeps what was written when the server is killed', async () => {
    const first = await start()
    await run(first, 'create table kept (word text); insert into kept values ($$still here$$)')
    process.kill(first.pid, 'SIGKILL')
    expect(await first.done).toBe(128 + 9)
    expect(await run(await start(), 'select word from kept')).toEqual([{ word: 'still here' }])
  })

  it('listens on a private socket and on no port, and sorts by code point in UTF-8', async () => {
    const { connection } = await start()
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700)
    const rows = await run(
      server!,
      `select current_setting('listen_addresses') as addresses, current_setting('server_encoding') as encoding,
              datlocale as locale from pg_database where datname = current_database()`,
    )
    expect(rows).toEqual([{ addresses: '', encoding: 'UTF8', locale: 'C.UTF-8' }])
  })

  it('never runs as root', async () => {
    const { pid } = await start()
    const { stdout } = await promisify(execFile)('ps', ['-o', 'uid=', '-p', String(pid)])
    expect(Number(stdout)).toBe(process.getuid?.() || 65534)
  })

  it('ends a postmaster that was left over on the same directory', async () => {
    const { postgres } = findPostgresBinaries()
    const runAs = await serverUser(dataDir, [postgres])
    const [file, args, options] = commandAs(runAs, postgres, ['-D', dataDir, '-k', dataDir, '-c', 'listen_addresses='])
    const leftover = spawn(file, args, { ...options, stdio: 'ignore', detached: true })
    const ended = once(leftover, 'exit')
    while (!(await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')) await sleep(20)
    expect(await run(await start(), 'select word from kept')).toHaveLength(1)
    await ended
  })

  it('leaves a process alone whose number a stale pid file happens to name', async () => {
    const innocent = spawn('sleep', ['60'], { stdio: 'ignore' })
    await writeFile(join(dataDir, 'postmaster.pid'), `${innocent.pid}\n${dataDir}\n`)
    await start()
    expect(alive(innocent.pid!)).toBe(true)
    const ended = once(innocent, 'exit')
    innocent.kill()
    await ended
  })

  it('ends when the process that started it is killed', async () => {
    const parent = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../dist/testing/hold-postgres.js'), dataDir, join(base, 'run')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    expect(alive(pid)).toBe(true)
    parent.kill('SIGKILL')
    while (alive(pid)) await sleep(20) // Jest's time limit is the bound
    await start()
  })

  it('uses a short private directory when the socket path would be too long', async () => {
    const runDir = join(base, 'r'.repeat(100))
    const { connection } = await start(runDir)
    expect(postgresSocketOf(runDir)).toEqual(connection)
    expect(Buffer.byteLength(join(connection.host, '.s.PGSQL.5432'))).toBeLessThanOrEqual(100)
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700)
    await server!.stop()
    server = undefined
    await expect(stat(connection.host)).rejects.toThrow('ENOENT')
    expect(() => postgresSocketOf(runDir)).toThrow('No built-in PostgreSQL runs for')
  })

  it('says which version wrote a directory that it cannot read', async () => {
    const other = join(base, 'older')
    await mkdir(other)
    await writeFile(join(other, 'PG_VERSION'), '15\n')
    await expect(startPostgres({ dataDir: other, runDir: join(base, 'run') })).rejects.toThrow(
      /older was written by PostgreSQL 15 and this version brings PostgreSQL 18:/,
    )
  })

  it('does not touch a directory that holds something else', async () => {
    const other = join(base, 'other')
    await mkdir(other)
    await writeFile(join(other, 'thesis.txt'), 'years of work')
    await expect(startPostgres({ dataDir: other, runDir: join(base, 'run') })).rejects.toThrow(
      /other holds files that are not a PostgreSQL database/,
    )
    expect(await readFile(join(other, 'thesis.txt'), 'utf8')).toBe('years of work')
  })

  it('starts below a directory that only its starter may enter', async () => {
    const closed = join(base, 'closed')
    await mkdir(closed, { mode: 0o700 })
    server = await startPostgres({ dataDir: join(closed, 'postgres'), runDir: join(closed, 'run') })
    expect(await run(server, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(server.connection.host).toBe(join(closed, 'run', 'postgres'))
  })
})
