// Lands a log that is full of events, and then inserts the very same bytes into the same server without us: one HTTP request a
// batch, as many at a time.
import { cp, mkdir, mkdtemp } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { anAccessEvent } from '@custodia/contracts/testing'
import { openClickHouse, startChdb } from '@custodia/streams/audit-store'
import { startLanding } from '@custodia/streams/landing'
import { serveOrders } from './child.mjs'
import { openLog } from './logs.mjs'
import { cpuOf } from './processes.mjs'

const events = 60_000
const actors = 300
const [base, kafka] = process.argv.slice(2)
const brokers = kafka ? JSON.parse(kafka) : undefined
const socketPath = join(base, 'audit.sock')
const chdb = await startChdb({ dataDir: join(base, 'clickhouse'), socketPath })
const silent = { warn: () => undefined, error: (facts, message) => console.error(message, facts) }

const eventOf = (n) =>
  anAccessEvent({
    id: `0197${String(n).padStart(8, '0')}-7000-8000-000000000000`,
    time: new Date(Date.UTC(2026, 2, 10, 2) + n * 5).toISOString(),
    actor: `0196aaaa-0000-7000-8000-${String(n % actors).padStart(12, '0')}`,
    customer_id: `0196bbbb-0000-7000-8000-${String(n % 10_000).padStart(12, '0')}`,
    session: `0196cccc-0000-7000-8000-${String(n % actors).padStart(12, '0')}`,
    request_id: `0197dddd-0000-7000-8000-${String(n).padStart(12, '0')}`,
    device: 'd0c0ffee0badcafe',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
    calendar: 'china-1.5.7-0123456789ab',
    writer: '0196eeee-0000-7000-8000-000000000001',
    seq: n,
    prev: 'a'.repeat(64),
  })

const fill = async (place) => {
  const log = await openLog(place)
  for (let at = 0; at < events; at += 1000) {
    const records = Array.from({ length: 1000 }, (_, i) => eventOf(at + i))
    await log.appendAll(
      'access-events',
      records.map((event) => ({ key: event.actor, value: Buffer.from(JSON.stringify(event)) })),
    )
  }
  await log.close()
}

const full = join(base, 'full')
if (!brokers) {
  await mkdir(full)
  await fill({ dir: full })
}
/** A log that nobody has read yet: a copy of a file, or topics of their own. */
const freshLog = async (round) => {
  const place = brokers ? { brokers, prefix: `landing-${round}.` } : { dir: await mkdtemp(join(base, 'log-')) }
  if (brokers) await fill(place)
  else
    await cp(full, place.dir, { recursive: true, filter: (path) => !path.includes('wake') && !path.endsWith('-lock') })
  return openLog(place)
}

const until = async (landed, log) => {
  for (;;) {
    const [ends, committed] = await Promise.all([log.range('access-events'), log.committed('landing', 'access-events')])
    if (ends.every(({ partition, end }) => (committed.get(partition)?.offset ?? 0) === end)) return
    await Promise.race([landed.done, new Promise((resolve) => setTimeout(resolve, 50))])
  }
}

const agent = new Agent({ keepAlive: true })
agent.createConnection = () => connect(socketPath)
const post = ({ table, body }, token) =>
  new Promise((resolve, reject) => {
    const query = new URLSearchParams({
      query: `INSERT INTO ${table} FORMAT JSONEachRow`,
      date_time_input_format: 'best_effort',
      input_format_skip_unknown_fields: '0',
      async_insert: '0',
      insert_deduplication_token: token,
    })
    request({ agent, method: 'POST', path: `/?${query}` }, async (answer) => {
      const said = await text(answer)
      return answer.statusCode === 200 ? resolve() : reject(new Error(said))
    })
      .once('error', reject)
      .end(body)
  })

const store = openClickHouse({ socketPath })
await store.migrate()

/** Events a second, and microseconds of CPU an event: of this process, and of the server. */
async function measured(work) {
  const pids = [process.pid, chdb.process.pid]
  const [before, started] = [pids.map((pid) => cpuOf([pid])), performance.now()]
  await work()
  const seconds = (performance.now() - started) / 1000
  const [own, server] = pids.map((pid, at) => ((cpuOf([pid]) - before[at]) * 1000) / events)
  return { perSecond: events / seconds, own, server }
}

/** What landing takes; and the batches that it made of the events. */
async function land(round) {
  const log = await freshLog(round)
  const batches = []
  const recording = {
    ...store,
    insert: (table, rows, { token }) => {
      batches.push({ table, rows })
      return store.insert(table, rows, { token: `${round}/${token}` }) // another round's rows are no repetition
    },
  }
  let landing
  const took = await measured(async () => {
    landing = await startLanding({ log, store: recording, logger: silent })
    await until(landing, log)
  })
  await landing.stop()
  await log.close()
  return { took, batches }
}

async function insertBare(round, batches) {
  const queue = batches.map(({ table, rows }, at) => [
    { table, body: Buffer.from(rows.join('\n')) },
    `bare/${round}/${at}`,
  ])
  const one = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await post(...next)
  }
  return measured(() => Promise.all(Array.from({ length: 6 }, one)))
}

async function run({ round }) {
  const landed = await land(round)
  const bare = await insertBare(round, landed.batches)
  return { landed: landed.took, bare, batches: landed.batches.length }
}

serveOrders(run)
process.on('SIGTERM', () => void Promise.all([store.close(), chdb.stop()]).finally(() => process.exit()))
process.send({ result: 'ready' })
