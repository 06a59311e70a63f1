import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  ConfigError,
  everyKey,
  gatewayKeys,
  isSecret,
  meaningOf,
  readSettings,
  streamsKeys,
  type Environment,
} from './index.js'

const read = (env: Environment) => readSettings(gatewayKeys, env, () => [])
const problems = (env: Environment): readonly string[] => {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the table of keys', () => {
  it.each(Object.entries(everyKey))('says in one line what %s means', (_, key) => {
    expect(meaningOf(key)).toMatch(/^[^\n]{5,160}$/)
  })

  it.each(
    Object.entries(everyKey).filter(
      ([name]) => /PASSWORD(?!_MIN)|SECRET|TOKEN(?!_DAYS)|_URL$/.test(name) && name !== 'PUBLIC_URL',
    ),
  )('knows that %s is a secret', (_, key) => expect(isSecret(key)).toBe(true))

  it('needs no key at all', () => {
    expect(read({})).toMatchObject({ PORT: 8080, CUSTODIA_DATA_DIR: './data' })
    expect(readSettings(streamsKeys, {}, () => [])).toMatchObject({ CUSTODIA_LOG_LEVEL: 'info' })
  })
})

describe('a configuration with mistakes', () => {
  it('names every wrong key at once with its meaning, and no value', () => {
    const found = problems({ PORT: 'secret-1', CUSTODIA_LOG_LEVEL: 'secret-2', CUSTODIA_HOLD_TIMEOUT_MS: '7' })
    expect(found).toEqual([
      expect.stringMatching(/^PORT: .*\(port of pages and API\)$/),
      expect.stringMatching(/^CUSTODIA_HOLD_TIMEOUT_MS: .*50.*\(how long a held access waits/),
      expect.stringMatching(/^CUSTODIA_LOG_LEVEL: .*debug/),
    ])
    expect(found.join()).not.toContain('secret')
  })

  it('speaks in plain words, whatever is wrong', () => {
    const nonsense = Object.fromEntries(Object.keys(gatewayKeys).map((name) => [name, '']))
    for (const value of ['', '-1', '1.5', '\u0007', 'x'.repeat(300)]) {
      const found = problems(Object.fromEntries(Object.keys(nonsense).map((name) => [name, value])))
      expect(found.length).toBeGreaterThan(20)
      for (const each of found) expect(each).not.toMatch(/invalid|expected|received|too (small|big)|pattern|zod/i)
    }
  })

  it('is told of files and folders that are not there, or are something else, with all the rest', () => {
    const env = { TLS_CERT: '/nowhere/secret', TLS_KEY: tmpdir(), CUSTODIA_CALENDAR: '/nowhere/secret' }
    const found = problems({
      ...env,
      CUSTODIA_KAFKA_CA: '/nowhere',
      CUSTODIA_RULES_DIR: import.meta.filename,
      PORT: 'x',
    })
    expect(found.join('; ')).toMatch(
      /^PORT.*TLS_CERT names a file.*TLS_KEY.*CALENDAR.*KAFKA_CA.*RULES_DIR names a folder/,
    )
    expect(found).toHaveLength(6)
    expect(found.join()).not.toContain('secret')
    const other = () => readSettings(streamsKeys, { ...env, CUSTODIA_RULES_DIR: tmpdir() }, () => [])
    expect(other).not.toThrow() // those are another process's files
  })

  it('is told of unknown keys, and what was probably meant', () => {
    expect(problems({ CUSTODIA_KAFKA_BROKER: 'x', CUSTODIA_WHATEVER: 'y', OTHER_PROGRAM: 'z' })).toEqual([
      'CUSTODIA_KAFKA_BROKER: there is no such key; did you mean CUSTODIA_KAFKA_BROKERS?',
      'CUSTODIA_WHATEVER: there is no such key',
    ])
    expect(problems({ CUSTODIA_POSTGRES_URL_FIL: 'x' })).toEqual([
      expect.stringContaining('mean CUSTODIA_POSTGRES_URL'),
    ])
  })

  it('is not confused by what Kubernetes tells the pods of a service named custodia', () => {
    const told = {
      CUSTODIA_SERVICE_HOST: '10.0.0.1',
      CUSTODIA_SERVICE_PORT: '8080',
      CUSTODIA_SERVICE_PORT_HTTP: '8080',
      CUSTODIA_PORT: 'tcp://10.0.0.1:8080',
      CUSTODIA_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      CUSTODIA_PORT_8080_TCP_ADDR: '10.0.0.1',
      CUSTODIA_GATEWAY_PORT_8080_TCP_PROTO: 'tcp',
    }
    expect(problems(told)).toEqual([])
    expect(problems({ CUSTODIA_PORT: '9090' })).toHaveLength(1)
  })

  it('may be one of another process that is started in the same environment', () => {
    expect(() => readSettings(streamsKeys, { CUSTODIA_TIME_ZONE: 'UTC' }, () => [])).not.toThrow()
  })
})

describe('a secret in a file', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-secrets-'))
    await writeFile(join(dir, 'url'), 'postgres://custodia:secret@db/custodia\n')
  })
  afterAll(() => rm(dir, { recursive: true }))

  it('is read like the key itself, without the line end', () => {
    expect(read({ CUSTODIA_POSTGRES_URL_FILE: join(dir, 'url') }).CUSTODIA_POSTGRES_URL).toBe(
      'postgres://custodia:secret@db/custodia',
    )
  })

  it('is refused when it cannot be read, or is given twice', () => {
    expect(problems({ CUSTODIA_POSTGRES_URL_FILE: join(dir, 'none') })).toEqual([
      'CUSTODIA_POSTGRES_URL_FILE names a file that cannot be read',
    ])
    expect(problems({ CUSTODIA_POSTGRES_URL_FILE: join(dir, 'url'), CUSTODIA_POSTGRES_URL: 'x' })).toEqual([
      'CUSTODIA_POSTGRES_URL and CUSTODIA_POSTGRES_URL_FILE say the same thing: set one',
    ])
  })

  it('is for secrets alone', () => {
    expect(problems({ CUSTODIA_DATA_DIR_FILE: join(dir, 'url') })).toEqual([expect.stringContaining('no such key')])
  })
})
