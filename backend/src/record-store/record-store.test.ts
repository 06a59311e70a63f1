import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { postgresProblems, requireServerVersion } from './connection.js'
import { startPostgres, type EmbeddedPostgres } from './embedded.js'
import { recordStoreContract } from './record-store.contract.js'
import { serialisableContract } from './serialisable.contract.js'

describe('the record store on the PostgreSQL out of npm', () => {
  let base: string
  let server: EmbeddedPostgres
  let made = 0

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'custodia-records-'))
    await chmod(base, 0o711)
    server = await startPostgres({
      dataDir: join(base, 'postgres'),
      runDir: join(base, 'run'),
      settings: { fsync: 'off' },
    })
  })
  afterAll(async () => {
    await server?.stop()
    await rm(base, { recursive: true, force: true })
  })
  const newDatabase = async () => {
    const database = `records_test_${++made}`
    const client = new pg.Client(server.connection)
    await client.connect()
    await client.query(`create database ${database}`).finally(() => client.end())
    return { ...server.connection, database }
  }

  recordStoreContract(newDatabase)
  describe('serialisable transactions', () => serialisableContract(newDatabase))
})

describe('a server that is too old', () => {
  it('is refused in one sentence', () => {
    expect(() => requireServerVersion(140_012)).toThrow(
      'The server is PostgreSQL 14: Custodia needs 15 or later, so upgrade the server first.',
    )
    for (const version of [150_000, 180_004, 190_000]) requireServerVersion(version)
  })
})

describe('a connection string', () => {
  it.each([
    'postgres://u@127.0.0.1/db',
    'postgres://u@localhost:5433/db',
    'postgres://u@/db?host=%2Frun%2Fpostgres',
    'postgres://u:p@db.example/db?sslmode=verify-full',
    'postgres://u:p@db.example/db?application_name=x&sslmode=disable',
  ])('%s is taken', (url) => {
    expect(postgresProblems(url)).toEqual([])
  })

  it.each([
    ['of another machine without TLS', 'postgres://u:hidden@db.example/db', /without TLS: add sslmode=verify-full/],
    [
      'whose authority cannot be read',
      'postgres://u:hidden@db.example/db?sslrootcert=/nowhere/ca.pem',
      /cannot be read/,
    ],
  ])('%s is refused without repeating it', (_what, url, sentence) => {
    const problems = postgresProblems(url)
    expect(problems).toEqual([expect.stringMatching(sentence)])
    expect(problems.join()).not.toContain('hidden')
  })
})
