import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once as event } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { Finding } from '../../backend/src/cli/doctor/finding.js'
import { startPostgres, type PostgresServer } from '../servers/postgres.mjs'
import { startS3, type S3Server } from '../servers/s3.mjs'
import { ask, freePort } from '../testing/system.js'
import { parseEnv, readCompose, root, type ComposeFile, type Service } from './compose-file.js'
import { readDockerfile } from './dockerfile.js'
import { startClickHouseStandIn, type ClickHouseStandIn } from './clickhouse-stand-in.js'
import { startComposeKafka, type ComposeKafka } from './compose-kafka.js'
import { prepareDatabase } from './prepare-database.js'

/*
 * What docker-compose.yml runs of ours, without an engine: the same commands, environment and health checks as bare processes, on a
 * Kafka that its script starts, a PostgreSQL that its script prepares, a real S3, and chdb behind ClickHouse's HTTP with a password.
 */

let dir: string
let compose: ComposeFile
let kafka: ComposeKafka
let postgres: PostgresServer
let s3: S3Server
let clickhouse: ClickHouseStandIn
let places: [string, string][]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'custodia-compose-'))
  s3 = await startS3({ bucket: 'photos' })
  spawnSync(process.execPath, [
    join(root, 'deploy/make-env.mjs'),
    'https://custodia.example.com',
    '127.0.0.1',
    join(dir, '.env'),
  ])
  const made = parseEnv(readFileSync(join(dir, '.env'), 'utf8'))
  // this server makes its own keys when it starts
  const identity = await generateX25519Identity()
  const backups = {
    CUSTODIA_BACKUP_TARGET: '/backup',
    CUSTODIA_BACKUP_RECIPIENT: await identityToRecipient(identity),
    CUSTODIA_BACKUP_SCHEDULE: 'off', // made when the test asks for it
  }
  writeFileSync(join(dir, 'identity.txt'), `${identity}\n`)
  for (const folder of ['rules', 'backup']) mkdirSync(join(dir, folder))
  compose = readCompose({
    ...made,
    ...backups,
    S3_ACCESS_KEY: s3.credentials.accessKeyId,
    S3_SECRET_KEY: s3.credentials.secretAccessKey,
  })
  const environmentOf = (name: string) => compose.services[name]?.environment ?? {}
  kafka = await startComposeKafka(environmentOf('kafka'))
  postgres = await startPostgres()
  const database = await prepareDatabase(postgres, environmentOf('postgres'))
  const { CLICKHOUSE_USER = '', CLICKHOUSE_PASSWORD = '' } = environmentOf('clickhouse')
  clickhouse = await startClickHouseStandIn(join(dir, 'clickhouse'), CLICKHOUSE_USER, CLICKHOUSE_PASSWORD)
  places = [
    ['kafka:9092', kafka.address],
    ['@clickhouse:8123', `@${clickhouse.address}`],
    ['@postgres:5432', `@${database}`],
    ['http://s3:7070', s3.endpoint],
    ['/backup', join(dir, 'backup')],
  ]
}, 180_000)

afterAll(async () => {
  await Promise.all(containers.map((container) => container.stop('SIGKILL')))
  await Promise.all([kafka?.stop(), clickhouse?.stop(), postgres?.stop(), s3?.stop()])
  rmSync(dir, { recursive: true, force: true })
})

/** As the engine would start it: the image's environment and the service's, and nothing of ours. */
function environmentOf(service: Service, more: Record<string, string>): Record<string, string> {
  const given = Object.entries(service.environment).map(([name, value]) => [
    name,
    places.reduce((text, [there, here]) => text.replaceAll(there, here), value),
  ])
  return { PATH: process.env['PATH'] ?? '', ...readDockerfile().env, ...Object.fromEntries(given), ...more }
}

const cli = join(root, 'backend/dist/cli/custodia.js')
const containers: Container[] = []

/** A service as the engine runs it: started again when it ends, unless it was stopped. */
class Container {
  private process!: ChildProcess
  private stopped = false
  output = ''
  private readonly env: Record<string, string>

  constructor(
    private readonly service: Service,
    more: Record<string, string>,
  ) {
    this.env = environmentOf(service, more)
    this.start()
    containers.push(this)
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** a command beside the service, in its environment */
  async run(words: string[]): Promise<{ code: number | null; printed: string }> {
    const child = this.spawn(words)
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream!.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const [code] = (await event(child, 'close')) as [number | null]
    return { code, printed }
  }

  /** its health check, and what that said */
  async health(): Promise<{ healthy: boolean; printed: string }> {
    const { code, printed } = await this.run(this.service.healthcheck!.test.slice(2))
    return { healthy: code === 0, printed }
  }

  /** Resolves with the seconds that it took. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.stopped = true
    const before = performance.now()
    if (!this.ended) {
      const gone = event(this.process, 'exit')
      this.process.kill(signal)
      await gone
    }
    return (performance.now() - before) / 1000
  }

  private start(): void {
    this.process = this.spawn(this.service.command ?? [])
    for (const stream of [this.process.stdout, this.process.stderr])
      stream!.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.process.once('exit', () => !this.stopped && setTimeout(() => !this.stopped && this.start(), 500))
  }

  private spawn(words: string[]): ChildProcess {
    return spawn(process.execPath, [cli, ...words], { cwd: dir, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

const start = (name: string, more: Record<string, string>) => new Container(compose.services[name]!, more)

const boundMs = 150_000

/** Asks as the engine does, again and again. */
async function until(container: Container, well: boolean): Promise<void> {
  const limit = performance.now() + boundMs
  for (;;) {
    const { healthy, printed } = await container.health()
    if (healthy === well) return
    if (performance.now() > limit) throw new Error(`${well ? 'unwell' : 'well'}: ${printed}\n${container.output}`)
    await sleep(1000)
  }
}

const graceOf = (name: string) => Number.parseInt(compose.services[name]!.stop_grace_period!)

describe('the services of the compose file, as bare processes', () => {
  let port: number
  let gateway: Container
  let streams: Container
  const rulesOfTheHouse = () => ({ CUSTODIA_RULES_DIR: join(dir, 'rules') })

  /** A service that runs to its end. */
  async function once(name: string): Promise<string> {
    const child = spawn(process.execPath, [cli, ...compose.services[name]!.command!], {
      cwd: dir,
      env: environmentOf(compose.services[name]!, { CUSTODIA_DATA_DIR: join(dir, name) }),
    })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const [code] = (await event(child, 'close')) as [number | null]
    const [printed, complaint] = await said
    expect([name, code, complaint]).toEqual([name, 0, ''])
    return printed
  }

  it('make a user of ClickHouse for each work, once and again', async () => {
    for (let time = 0; time < 2; time++)
      expect(await once('users')).toMatch(/These users are there.*: reader, writer, migrator/)
    const { administrator, ...users } = clickhouse.users()
    expect([administrator, users]).toEqual([
      'administrator',
      { reader: 'custodia_reader', writer: 'custodia_writer', migrator: 'custodia_migrator' },
    ])
  }, 60_000)

  it('migrate once, and find nothing to do when they are asked again', async () => {
    for (let time = 0; time < 2; time++)
      expect(await once('migrate')).toMatch(/PostgreSQL: [^]*ClickHouse: [^]*Kafka: /)
  }, 120_000)

  it('become healthy, as their own health checks tell', async () => {
    port = await freePort()
    streams = start('streams', { CUSTODIA_DATA_DIR: join(dir, 'streams'), ...rulesOfTheHouse() })
    gateway = start('gateway', { CUSTODIA_DATA_DIR: join(dir, 'keys'), PORT: String(port), ...rulesOfTheHouse() })
    await Promise.all([until(streams, true), until(gateway, true)])
    const page = await ask(`http://127.0.0.1:${port}/`, { host: 'custodia.example.com', 'x-forwarded-proto': 'https' })
    expect(page.status).toBe(200)
    // as the runbook looks for it
    expect(gateway.output).toMatch(/^Setup code.*: (\w{4}-){3}\w{4}$/m)
  }, 180_000)

  it('satisfy the doctor', async () => {
    const { code, printed } = await gateway.run(['doctor', '--json'])
    const findings = JSON.parse(printed) as Finding[]
    // the address of this test is nobody's: no proxy ends TLS there. And this PostgreSQL is one for tests.
    const failures = findings.filter(({ check, state }) => state === 'fail' && check !== 'PUBLIC_URL')
    expect(failures.map(({ found }) => found)).toEqual(['fsync off: a crash loses what was acknowledged'])
    expect(code).toBe(1)
    const well = new Set(findings.flatMap(({ check, state }) => (state === 'ok' ? [check] : [])))
    well.delete('calendar') // whose public holidays are known, or not yet, by the day of this run
    expect([...well].sort()).toEqual(
      [
        'ClickHouse',
        'Kafka',
        'PostgreSQL',
        'data directory',
        'detection',
        'gateway',
        'keys',
        'memory',
        'photo store',
        'rules',
        'second persons',
      ].sort(),
    )
  }, 60_000)

  it('make a backup of it all to the volume that is for them, and try it beside the gateway', async () => {
    const { code, printed } = await gateway.run(['backup'])
    expect([code, printed]).toEqual([0, expect.stringMatching(/read back and verified/)])
    const drill = await gateway.run(['restore', '--drill', '--identity-file', join(dir, 'identity.txt')])
    expect([drill.code, drill.printed]).toEqual([0, expect.stringMatching(/Drill passed in \d+ s/)])
  }, 180_000)

  it('are replaced one by one without an unanswered moment: the second gateway serves while the first one stops', async () => {
    const other = await freePort()
    const second = start('gateway', {
      CUSTODIA_DATA_DIR: join(dir, 'keys'),
      PORT: String(other),
      ...rulesOfTheHouse(),
    })
    await until(second, true)
    const stopped = gateway.stop()
    while (!gateway.ended)
      expect((await ask(`http://127.0.0.1:${other}/healthz`, { host: 'custodia.example.com' })).status).toBe(200)
    expect(await stopped).toBeLessThan(graceOf('gateway'))
    gateway = second
  }, 120_000)

  it('are unwell without the log, and well again when it is back', async () => {
    await kafka.freeze()
    await Promise.all([until(gateway, false), until(streams, false)])
    kafka.thaw()
    await Promise.all([until(gateway, true), until(streams, true)])
  }, 180_000)

  it('stop within the time that the engine gives them', async () => {
    const [one, two] = await Promise.all([gateway.stop(), streams.stop()])
    expect(one).toBeLessThan(graceOf('gateway'))
    expect(two).toBeLessThan(graceOf('streams'))
    expect([(await gateway.health()).healthy, (await streams.health()).healthy]).toEqual([false, false])
  }, 90_000)
})
