import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connectionOf } from '../connection.js'
import { accesses } from '../migrations/002-views.js'
import { verdicts } from '../migrations/001-tables.js'
import { createTable } from '../schema/changes.js'
import { singleNode } from '../schema/layout.js'
import { startChdb } from '../server/start.js'
import { candidates, type Candidate } from './candidates.js'
import { eventsSql, filled, verdictsSql } from './generate.js'
import { questions } from './questions.js'

/**
 * `npm run bench:audit-store -- --rows 2000000`: builds every candidate for the table of accesses on the embedded store, and
 * prints what a row takes and how long the typical questions take. The last line of a table is what the schema uses.
 */
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '2000000' }, only: { type: 'string' } },
})
const total = Number(values.rows)
const chunk = 100_000
const repeats = 3

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const dir = await mkdtemp(join(tmpdir(), 'bench-audit-store-'))
const place = { dataDir: join(dir, 'clickhouse'), socketPath: join(dir, 'audit.sock') }
const server = await startChdb(place)
const client = createClient({
  ...connectionOf(place),
  request_timeout: 310_000,
  log: { level: ClickHouseLogLevel.OFF },
})

const run = async (query: string): Promise<void> => {
  await client.command({ query, clickhouse_settings: { max_execution_time: 300, max_insert_threads: '1' } })
}
const rowsOf = async <Row>(query: string): Promise<Row[]> =>
  (await client.query({ query, format: 'JSONEachRow', clickhouse_settings: asAsked })).json<Row>()
/** As the adapter asks. */
const asAsked = { max_execution_time: 300, do_not_merge_across_partitions_select_final: 1 } as const
const create = async (table: typeof verdicts): Promise<void> => {
  for (const { sql } of createTable(table)(singleNode)) await run(sql)
}

const generate = async (): Promise<void> => {
  await run(`CREATE TABLE generated ENGINE = MergeTree ORDER BY n AS ${eventsSql({ first: 0, count: 0, total })}`)
  for (let first = 0; first < total; first += chunk) {
    await run(`INSERT INTO generated ${eventsSql({ first, count: Math.min(chunk, total - first), total })}`)
  }
  await create(verdicts)
  const columns = 'event_id, verdict, actor, rule, rule_version, time, log_partition, log_offset, appended_at, raw'
  await run(`INSERT INTO verdicts (${columns}) SELECT ${columns} FROM (${verdictsSql('generated')})`)
}

interface Measured {
  bytesPerRow: number
  insertSeconds: number
  parts: number
  times: Record<string, { ms: number; cpu: number }>
}

/** CPU time of the engine's process so far, which a busy machine does not change; Linux only, NaN elsewhere. */
const cpuMs = async (): Promise<number> => {
  const stat = await readFile(`/proc/${server.process.pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

const measure = async ({ table }: Candidate, name: string): Promise<Measured> => {
  await create({ ...table, name })
  const started = performance.now()
  for (let first = 0; first < total; first += chunk) {
    await run(
      `INSERT INTO ${name} (${filled}) SELECT ${filled} FROM generated WHERE n >= ${first} AND n < ${first + chunk}`,
    )
  }
  const insertSeconds = (performance.now() - started) / 1000
  const stored = (asked: string): string => (asked === 'access_events' ? name : asked)
  await run(`CREATE VIEW ${name}_view AS ${accesses.select(stored)}`)
  const [parts] = await rowsOf<{ n: number }>(
    `SELECT count() AS n FROM system.parts WHERE table = '${name}' AND active`,
  )
  const times: Measured['times'] = {}
  for (const [question, sql] of Object.entries(questions(`${name}_view`, name))) {
    const took: [ms: number, cpu: number][] = []
    for (let time = 0; time < repeats; time++) {
      const [begun, cpu] = [performance.now(), await cpuMs()]
      await rowsOf(sql)
      took.push([performance.now() - begun, (await cpuMs()) - cpu])
    }
    times[question] = { ms: median(took.map(([ms]) => ms)), cpu: median(took.map(([, cpu]) => cpu)) }
  }
  await run(`OPTIMIZE TABLE ${name} FINAL`)
  const [size] = await rowsOf<{ n: number }>(
    `SELECT sum(bytes_on_disk) / ${total} AS n FROM system.parts WHERE table = '${name}' AND active`,
  )
  await run(`DROP TABLE ${name}`)
  return { bytesPerRow: size?.n ?? NaN, insertSeconds, parts: parts?.n ?? 0, times }
}

try {
  await generate()
  say(`${total} events`)
  for (const [nth, candidate] of candidates.entries()) {
    if (values.only && !values.only.split(',').includes(String(nth))) continue
    const { bytesPerRow, insertSeconds, parts, times } = await measure(candidate, `candidate_${nth}`)
    say(
      `\n${candidate.label}\n  ${bytesPerRow.toFixed(0)} bytes a row, inserted in ${insertSeconds.toFixed(1)} s, ${parts} parts`,
    )
    for (const [question, { ms, cpu }] of Object.entries(times))
      say(`  ${ms.toFixed(0).padStart(6)} ms  ${cpu.toFixed(0).padStart(6)} ms of CPU  ${question}`)
  }
} finally {
  await client.close()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
}
