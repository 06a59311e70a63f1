import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AccessEvent } from '@custodia/contracts'
import type { DemoAccount } from '../../../backend/src/demo/demo-accounts.js'
import { TestClient } from '../../../backend/src/testing/client.js'
import { shippedRule } from '../../../backend/src/testing/rules.js'
import { readLog } from '../../../streams/src/integrity/index.js'
import { startKafka, type KafkaServer } from '../../servers/kafka.mjs'
import { overHttp } from '../over-http.js'
import { Part } from '../part.js'
import { readKafka } from '../read-kafka.js'
import { freePort, newDataDir, removeDataDir } from '../system.js'
import { startClickHouseServer, startPostgresServer, startS3Server, type Server } from './servers.js'

const built = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const prefix = 'faults.'

export interface FaultWorld {
  dataDir: string
  port: number
  gateway: Part
  streams: Part
  postgres: Server
  clickhouse: Server
  /** only where photos are in S3 */
  s3?: Server
  /** only where the log is Kafka's */
  kafka?: KafkaServer
  signedIn(role: 'staff' | 'auditor'): Promise<TestClient>
  /** gives the fresh proof that was asked for, without its ceremony */
  prove(stepUp: string): Promise<unknown>
  /** every access event in the log, by a reader that shares no code with the system's own */
  logged(): Promise<AccessEvent[]>
  stop(): Promise<void>
}

/** Nobody shall be frozen here for reading the same photo again and again. */
const patientRules = () =>
  Object.assign(
    {},
    ...['bulk-photo-view', 'bulk-photo-download', 'bulk-reveal', 'bulk-export'].map((name) =>
      shippedRule(name, { limit: 1_000_000, respond: '[alert]' }),
    ),
  ) as Record<string, string>

/**
 * One gateway and one streams process, each server behind a line of its own that can fail. `servers`: the log is Kafka's and
 * photos are in S3; otherwise both are the single machine's, in the data directory.
 */
export async function startFaultWorld({ servers }: { servers: boolean }): Promise<FaultWorld> {
  const dataDir = newDataDir()
  mkdirSync(join(dataDir, 'rules'), { recursive: true })
  for (const [file, text] of Object.entries(patientRules())) writeFileSync(join(dataDir, 'rules', file), text)
  const opened: { stop(): Promise<unknown> }[] = []
  const opening = async <T extends { stop(): Promise<unknown> }>(part: Promise<T>): Promise<T> => {
    const ready = await part
    opened.unshift(ready)
    return ready
  }
  const stop = async () => {
    for (const part of opened) await part.stop()
    removeDataDir(dataDir)
  }
  try {
    const postgres = await opening(startPostgresServer(dataDir))
    const clickhouse = await opening(startClickHouseServer(dataDir))
    const s3 = servers ? await opening(startS3Server()) : undefined
    const kafka = servers ? await opening(startKafka()) : undefined
    const port = await freePort()
    const env = {
      PORT: String(port),
      PUBLIC_URL: 'http://localhost:8080',
      CUSTODIA_DATA_DIR: dataDir,
      CUSTODIA_POSTGRES_URL: postgres.url,
      CUSTODIA_CLICKHOUSE_URL: clickhouse.url,
      CUSTODIA_LOG_LEVEL: 'warn',
      CUSTODIA_DEMO: 'install', // its people sign in
      // Verdicts may be late on a machine that is busy with tests; every other bound is what it is in production.
      CUSTODIA_HOLD_TIMEOUT_MS: '3000',
      ...s3?.env,
      ...(kafka && { CUSTODIA_KAFKA_BROKERS: kafka.brokers.join(','), CUSTODIA_KAFKA_PREFIX: prefix }),
    }
    const gateway = new Part('gateway', built('backend/dist/main.js'), env)
    const streams = new Part('streams', built('streams/dist/main.js'), env)
    opened.unshift(gateway, streams)
    await Promise.all([gateway.start(), streams.start()])
    return {
      dataDir,
      port,
      gateway,
      streams,
      postgres,
      clickhouse,
      s3,
      kafka,
      signedIn: async (role) => {
        const known = JSON.parse(readFileSync(join(dataDir, 'demo-accounts.json'), 'utf8')) as DemoAccount[]
        const person = known.find((each) => each.role === role)!
        const client = new TestClient(overHttp(port))
        await client.signIn({ ...person, account: { username: person.username } })
        return client
      },
      prove: (stepUp) => postgres.ask('update step_ups set proven_at = now() where id = $1', [stepUp]),
      logged: async () => {
        const events: AccessEvent[] = []
        const records = kafka
          ? await readKafka(kafka.brokers, `${prefix}access-events`)
          : readLog(join(dataDir, 'log'), 'access-events')
        for await (const { value } of records) events.push(JSON.parse(value.toString()) as AccessEvent)
        return events
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
