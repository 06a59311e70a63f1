import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commandOf } from '../../backend/src/cli/commands.js'
import { readConfig } from '../../backend/src/config.js'
import { everyKey } from '../../streams/src/settings/index.js'
import { readConfig as readStreamsConfig } from '../../streams/src/config.js'
import { KAFKA_VERSION } from '../servers/kafka.mjs'
import { VERSITYGW_VERSION } from '../servers/s3.mjs'
import { checkCompose, parseEnv, rawCompose, readCompose, root, variablesOf, type ComposeFile } from './compose-file.js'
import { readDockerfile } from './dockerfile.js'

const makeEnv = (...args: string[]) => spawnSync(process.execPath, [join(root, 'deploy/make-env.mjs'), ...args])

let dir: string
let env: Record<string, string>
let compose: ComposeFile
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'custodia-compose-'))
  makeEnv('https://custodia.example.com/', '10.0.0.5', join(dir, '.env'))
  env = parseEnv(readFileSync(join(dir, '.env'), 'utf8'))
  compose = readCompose(env)
})
afterAll(() => rmSync(dir, { recursive: true }))

const servicesOf = () => Object.entries(compose.services)
const ours = () => servicesOf().filter(([, { build }]) => build)
const hasWayOut = (name: string) => ['gateway', 'restore'].includes(name)
const isSecret = (name: string) => /PASSWORD|SECRET|KEY$|_URL$/.test(name) && name !== 'PUBLIC_URL'

describe('the variables of the compose file', () => {
  it('are those of env.example, with the same defaults', () => {
    const example = parseEnv(readFileSync(join(root, 'deploy/env.example'), 'utf8'))
    expect(Object.fromEntries(variablesOf().map(({ name, byDefault }) => [name, byDefault]))).toEqual(example)
  })

  it('are all asked for before anything starts', () => {
    const asked = Object.entries(parseEnv(readFileSync(join(root, 'deploy/env.example'), 'utf8')))
    const needed = asked.flatMap(([name, byDefault]) => (byDefault ? [] : [name]))
    expect(needed.length).toBeGreaterThan(10)
    for (const name of needed) {
      const others = Object.fromEntries(needed.filter((each) => each !== name).map((each) => [each, 'x']))
      expect(() => readCompose(others)).toThrow(`missing: ${name}`)
    }
  })

  it('have no default where they are secret, and no secret is written down', () => {
    for (const { name, operator } of variablesOf()) if (isSecret(name)) expect([name, operator]).toEqual([name, ':?'])
    const services = checkCompose(rawCompose()).services
    for (const { environment } of Object.values(services))
      for (const [name, value] of Object.entries(environment))
        if (isSecret(name) && value !== null) expect(value).toContain(':?')
  })
})

describe('npm run compose:env', () => {
  it('writes strong passwords for its owner alone, each another', () => {
    expect(statSync(join(dir, '.env')).mode & 0o777).toBe(0o600)
    const secrets = Object.entries(env).flatMap(([name, value]) => (isSecret(name) ? [value] : []))
    expect(secrets).toHaveLength(9)
    expect(new Set(secrets).size).toBe(9)
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(env).toMatchObject({ PUBLIC_URL: 'https://custodia.example.com', TRUSTED_PROXIES: '10.0.0.5' })
  })

  it('never overwrites one, and wants an https address', () => {
    const again = makeEnv('https://custodia.example.com', '10.0.0.5', join(dir, '.env'))
    expect([again.status, again.stderr.toString()]).toEqual([1, expect.stringContaining('is there already')])
    const plain = makeEnv('http://custodia.example.com', '10.0.0.5', join(dir, 'other'))
    expect([plain.status, existsSync(join(dir, 'other'))]).toEqual([1, false])
  })

  it.each(['nonsense', '10.0.0.5 10.0.0.6', '10.0.0.0/33', '10.0.0.5,', 'proxy.example.com', '::1/129', '--help'])(
    'takes no %s for the proxy’s address',
    (proxy) => {
      const { status, stderr } = makeEnv('https://custodia.example.com', proxy, join(dir, 'other'))
      expect([status, stderr.toString()]).toEqual([
        1,
        expect.stringMatching(/^The second word is the address or range/),
      ])
      expect(existsSync(join(dir, 'other'))).toBe(false)
    },
  )

  it.each(['10.0.0.5', '172.16.0.0/12', '10.0.0.5, 10.1.0.0/16', 'fd00::/8'])(
    'takes %s, as the gateway does',
    (proxy) => {
      const file = join(dir, proxy.replaceAll(/\W/g, '_'))
      expect(makeEnv('https://custodia.example.com', proxy, file).status).toBe(0)
      const { TRUSTED_PROXIES = '' } = parseEnv(readFileSync(file, 'utf8'))
      expect(readConfig({ TRUSTED_PROXIES }).http.trustedProxies.join(', ')).toBe(proxy)
    },
  )
})

describe('the compose file', () => {
  it('has no key that is not known', () => {
    const wrong = { ...rawCompose(), services: { gateway: { privileged: true } }, secret: {} }
    expect(() => checkCompose(wrong)).toThrow(/privileged[^]*secret/)
  })

  it('gives every service no more rights and room than it needs', () => {
    for (const [name, service] of servicesOf())
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }),
      ])
  })

  it('knows of every server when it is well, and stops it gently', () => {
    for (const [name, { healthcheck, stop_grace_period, restart }] of servicesOf())
      if (restart === 'unless-stopped') expect([name, healthcheck, stop_grace_period]).not.toContain(undefined)
  })

  it('publishes the gateway alone, on loopback where nobody says otherwise', () => {
    expect(servicesOf().flatMap(([name, { ports }]) => ports.map((port) => [name, port]))).toEqual([
      ['gateway', '127.0.0.1:8080:8080'],
    ])
    expect(compose.networks['servers']?.internal).toBe(true)
    for (const [name, { networks }] of servicesOf())
      expect([name, networks]).toEqual([name, hasWayOut(name) ? ['servers', 'outside'] : ['servers']])
  })

  it('names services, networks, volumes and files that exist', () => {
    for (const [, { depends_on, networks, volumes }] of servicesOf()) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(compose.services)).toContain(name)
        if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck).toBeDefined()
      }
      expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks))
      for (const [from = '', to] of volumes.map((each) => each.split(':')))
        if (to !== '/rules')
          expect([from, from.startsWith('./') ? existsSync(join(root, from)) : from in compose.volumes]).toEqual([
            from,
            true,
          ]) // rules of the house are its own
    }
  })

  it('brings the schemas up to date once, before what needs them', () => {
    const once = { migrate: { condition: 'service_completed_successfully' } }
    expect(compose.services['gateway']?.depends_on).toMatchObject(once)
    expect(compose.services['streams']?.depends_on).toMatchObject(once)
  })

  it('pins every image, to the version that the tests run on', () => {
    const images = Object.fromEntries(servicesOf().map(([name, { image }]) => [name, image]))
    expect(images['kafka']).toBe(`apache/kafka:${KAFKA_VERSION}`)
    expect(images['s3']).toBe(`versity/versitygw:v${VERSITYGW_VERSION}`)
    expect(images['postgres']).toMatch(/^postgres:1[5-8]\.\d+$/)
    expect(images['clickhouse']).toMatch(/^clickhouse\/clickhouse-server:\d\d\.\d+$/)
  })
})

describe('what the compose file runs of ours', () => {
  it('is configured with keys that mean something, to their full satisfaction', () => {
    const { env: image } = readDockerfile()
    for (const [name, { environment: asWritten }] of ours()) {
      const environment = { ...asWritten, ...('CUSTODIA_RULES_DIR' in asWritten && { CUSTODIA_RULES_DIR: dir }) }
      const read = name === 'streams' ? readStreamsConfig : readConfig
      expect(() => read({ ...image, ...environment })).not.toThrow()
    }
  })

  it('gives ClickHouse’s users to those whose work they are for, and its administrator to nobody who stays', () => {
    const users = Object.fromEntries(
      servicesOf().map(([name, { environment }]) => [
        name,
        Object.keys(environment).flatMap((key) => /^CUSTODIA_CLICKHOUSE_(\w+)_URL$/.exec(key)?.[1] ?? []),
      ]),
    )
    expect(users).toMatchObject({
      users: ['READER', 'WRITER', 'MIGRATOR', 'ADMIN'],
      migrate: expect.arrayContaining(['READER', 'MIGRATOR']),
      gateway: ['READER'],
      streams: ['WRITER'],
    })
  })

  it('passes on every key about backups that .env has, and none that it has not', () => {
    const keys = Object.keys(everyKey).filter((name) => name.startsWith('CUSTODIA_BACKUP_'))
    expect(keys.length).toBeGreaterThan(8)
    const all = Object.fromEntries(keys.map((name) => [name, 'x']))
    const { gateway } = readCompose({ ...env, ...all }).services
    expect(gateway?.environment).toMatchObject(all)
    expect(Object.keys(compose.services['gateway']?.environment ?? {}).filter((name) => name in all)).toEqual([])
    const example = readFileSync(join(root, 'deploy/env.example'), 'utf8')
    for (const name of keys) expect(example).toMatch(new RegExp(`^#${name}=`, 'm'))
  })

  it('is commands that exist, in services and health checks', () => {
    for (const [, { command = [], healthcheck }] of ours())
      for (const words of [command, ...(healthcheck ? [healthcheck.test.slice(2)] : [])])
        expect([words, commandOf(words) !== undefined]).toEqual([words, true])
  })

  it('writes only to volumes and memory', () => {
    const writable = ours().map(([name, { volumes, tmpfs }]) => [
      name,
      [
        ...volumes.filter((each) => !each.endsWith(':ro')).map((each) => each.split(':')[1]),
        ...tmpfs.map((each) => each.split(':')[0]),
      ].sort(),
    ])
    expect(Object.fromEntries(writable)).toEqual({
      users: ['/data', '/tmp'],
      migrate: ['/data', '/tmp'],
      gateway: ['/backup', '/data', '/tmp'],
      restore: ['/data', '/tmp'],
      streams: ['/data', '/tmp'],
    })
  })
})

describe('the Dockerfile', () => {
  it('copies what is in the checkout, or what an earlier stage makes', () => {
    const { copies, stages } = readDockerfile()
    expect(copies.length).toBeGreaterThan(10)
    for (const { from, source } of copies) {
      if (from !== undefined) expect(stages).toContain(from)
      const path = source.replace(/^\/app\//, '')
      const made = path === 'node_modules' || /(^|\/)dist$/.test(path)
      expect([path, made || existsSync(join(root, path))]).toEqual([path, true])
    }
  })

  it('runs as nobody in particular, and gives every workspace its package list', () => {
    const { user, text } = readDockerfile()
    expect(user).toBe('node')
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }
    for (const workspace of workspaces) expect(text).toContain(`COPY ${workspace}/package.json ${workspace}/`)
  })
})

describe('the scripts that prepare the servers', () => {
  it.each(['kafka.sh', 'postgres.sh'])('%s is a script that bash understands, and may be run', (name) => {
    const path = join(root, 'deploy/compose', name)
    execFileSync('bash', ['-n', path])
    expect(statSync(path).mode & 0o111).toBe(0o111)
  })
})
