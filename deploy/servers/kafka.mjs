import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheOf, fillCache, freePort, serverProcess } from './server-process.mjs'

const run = promisify(execFile)

export const KAFKA_VERSION = '4.1.0'
const cache = cacheOf(`kafka-${KAFKA_VERSION}`)

/** What a developer has to install, in one sentence, instead of a stack trace. */
const tool = async (name, args, options) => {
  try {
    return await run(name, args, { maxBuffer: 16_000_000, ...options })
  } catch (error) {
    const missing = `Tests on a real Kafka need \`${name}\` on the PATH (Java 17 or later, and Maven).`
    const printed = `\`${name} ${args[0]}\` failed: ${(error.stderr || error.stdout || error.message).trim().slice(-2000)}`
    throw new Error(error.code === 'ENOENT' ? missing : printed, { cause: error })
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>custodia</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>`

/** The broker's jars, from Maven Central once, then out of the cache. */
export const fetchKafka = async () => {
  if ((await readdir(cache).catch(() => [])).length > 0) return
  await fillCache(cache, async (work) => {
    await writeFile(join(work, 'pom.xml'), pom)
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs']
    await tool('mvn', args, { cwd: work })
    return join(work, 'libs')
  })
}

/** what the listener for strangers asks for: TLS, a name and a password */
const user = { mechanism: 'scram-sha-512', username: 'custodia', password: randomBytes(12).toString('hex') }
const storePassword = randomBytes(12).toString('hex')

/** a certificate for 127.0.0.1 that vouches for itself; resolves with it as PEM */
const certify = async (dir) => {
  const store = [
    '-keystore',
    join(dir, 'tls.p12'),
    '-storetype',
    'PKCS12',
    '-storepass',
    storePassword,
    '-alias',
    'broker',
  ]
  const names = ['-dname', 'CN=kafka-for-tests', '-ext', 'san=ip:127.0.0.1', '-validity', '2']
  await tool('keytool', ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...names, ...store])
  return (await tool('keytool', ['-exportcert', '-rfc', ...store])).stdout
}

const properties = (dir, node, nodes) => {
  const { id, port, secured, controller } = node
  const copies = nodes.length
  return `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${nodes.map((each) => `${each.id}@127.0.0.1:${each.controller}`).join()}
listeners=PLAINTEXT://127.0.0.1:${port},SECURED://127.0.0.1:${secured},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port},SECURED://127.0.0.1:${secured}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.location=${join(dir, 'tls.p12')}
ssl.keystore.type=PKCS12
ssl.keystore.password=${storePassword}
listener.name.secured.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs=${join(dir, `data-${id}`)}
log.cleaner.dedupe.buffer.size=8388608
offsets.topic.replication.factor=${copies}
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
default.replication.factor=${copies}
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`
}

const classpath = ['-cp', join(cache, '*')]
const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'

/** One process of the cluster. */
const makeNode = (config, port) => {
  const memory = ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const args = [...memory, quiet, ...classpath, 'kafka.Kafka', config]
  return serverProcess({ name: 'Kafka', command: 'java', args, port })
}

/**
 * A real Kafka of so many nodes, each broker and controller, on free ports of 127.0.0.1, with a directory of its own. Nodes
 * count from 0. `kill` is SIGKILL and keeps the data; `start` brings the same broker back on the same ports; `stop` ends
 * all of them and removes what they wrote.
 */
export const startKafka = async ({ nodes: count = 1 } = {}) => {
  await fetchKafka()
  const dir = await mkdtemp(join(tmpdir(), 'custodia-kafka-'))
  const places = []
  for (let id = 1; id <= count; id++)
    places.push({ id, port: await freePort(), secured: await freePort(), controller: await freePort() })
  const ca = await certify(dir)
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const scram = ['--add-scram', `SCRAM-SHA-512=[name=${user.username},password=${user.password}]`]
  const nodes = []
  for (const place of places) {
    const config = join(dir, `server-${place.id}.properties`)
    await writeFile(config, properties(dir, place, places), { mode: 0o600 })
    const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', config, ...scram]
    await tool('java', ['-Xmx128m', quiet, ...classpath, ...format])
    nodes.push(makeNode(config, place.port))
  }
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.end(count > 1 ? 'SIGKILL' : 'SIGTERM'))) // the last ones of a quorum wait for the others
    await rm(dir, { recursive: true, force: true })
  }
  await Promise.all(nodes.map((node) => node.start())).catch(async (error) => {
    await stop()
    throw error
  })
  return {
    brokers: places.map(({ port }) => `127.0.0.1:${port}`),
    /** the same brokers as strangers reach them */
    secured: { brokers: places.map(({ secured }) => `127.0.0.1:${secured}`), ca, sasl: user },
    start: (node = 0) => nodes[node].start(),
    stop,
    kill: (node = 0) => nodes[node].end('SIGKILL'),
    /** a broker that neither answers nor hangs up */
    freeze: (node = 0) => nodes[node].freeze(),
    thaw: (node = 0) => nodes[node].thaw(),
  }
}
