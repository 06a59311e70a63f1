import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KAFKA_VERSION, startKafka } from '../servers/kafka.mjs'
import { standsStill } from '../servers/stands-still.mjs'
import { freePort } from '../testing/system.js'
import { root } from './compose-file.js'

export interface ComposeKafka {
  /** `host:port` of the listener for clients */
  address: string
  /** a broker that neither answers nor hangs up, and back */
  freeze(): Promise<void>
  thaw(): void
  stop(): Promise<void>
}

const jars = join(process.env['CUSTODIA_CACHE'] ?? join(homedir(), '.cache', 'custodia'), `kafka-${KAFKA_VERSION}`)

/** Kafka as deploy/compose/kafka.sh starts it in its container, with programs of the same names in front of the same jars. */
export async function startComposeKafka(environment: Record<string, string>): Promise<ComposeKafka> {
  if (!existsSync(jars)) await (await startKafka()).stop() // brings them
  const dir = await mkdtemp(join(tmpdir(), 'custodia-kafka-'))
  await mkdir(join(dir, 'bin'))
  await mkdir(join(dir, 'data'))
  const program = (name: string, start: string) =>
    writeFile(join(dir, 'bin', name), `#!/bin/sh\nexec java -Xmx256m -cp '${jars}/*' ${start} "$@"\n`, { mode: 0o755 })
  await program('kafka-storage.sh', 'kafka.tools.StorageTool')
  await program('kafka-server-start.sh', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error kafka.Kafka')
  const port = await freePort()
  const places = { KAFKA_HOME: dir, KAFKA_DATA: join(dir, 'data'), KAFKA_WORK: dir, KAFKA_PORT: String(port) }
  const broker = spawn('bash', [join(root, 'deploy/compose/kafka.sh')], {
    env: { PATH: process.env['PATH'], ...environment, ...places, KAFKA_ADVERTISED_HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [broker.stdout, broker.stderr]) stream.on('data', (text: Buffer) => (printed += text.toString()))
  const stop = async () => {
    if (broker.exitCode === null && broker.signalCode === null) {
      const gone = once(broker, 'exit')
      broker.kill('SIGCONT')
      broker.kill('SIGKILL')
      await gone
    }
    await rm(dir, { recursive: true, force: true })
  }
  while (!(await answers(port))) {
    if (broker.exitCode !== null) {
      await stop()
      throw new Error(`Kafka did not start:\n${printed}`)
    }
    await sleep(200)
  }
  return {
    address: `127.0.0.1:${port}`,
    freeze: async () => {
      broker.kill('SIGSTOP')
      await standsStill(broker.pid!)
    },
    thaw: () => void broker.kill('SIGCONT'),
    stop,
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => resolve(Boolean(socket.destroy())))
      .once('error', () => resolve(false))
  })
