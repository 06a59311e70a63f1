import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { printTable } from './figures.mjs'
import { inTurns, medianOf, rangeOf } from './rounds.mjs'

const ways = [
  { name: 'one record, 64 callers at once', order: { callers: 64 } },
  { name: 'batches of 100, 4 callers', order: { callers: 4, batch: 100 } },
  { name: 'batches of 1,000, 1 caller', order: { callers: 1, batch: 1000 } },
]

/** Where a worker appends to: a directory or a prefix of its own. */
export const placeFor = ({ base, brokers }, name) =>
  brokers ? { brokers, prefix: `${name}.` } : { dir: mkdtempSync(join(base, `${name}-`)) }

export const appender = async (options, bare) => {
  const place = placeFor(options, bare ? 'bare' : 'port')
  const worker = options.worker('./append-worker.mjs', [JSON.stringify(place), String(bare)])
  await worker.hear()
  return worker
}

/** Durable appends of 600 bytes through the event log's port, against the library below it. */
export async function measureAppends(options) {
  const { rounds, seconds, brokers } = options
  const [port, bare] = [await appender(options, false), await appender(options, true)]
  const rows = []
  const results = []
  for (const { name, order } of ways) {
    const found = await inTurns(rounds, {
      port: () => port.ask({ ...order, seconds: seconds / 2 }),
      bare: () => bare.ask({ ...order, seconds: seconds / 2 }),
    })
    const value = medianOf(found.port, 'perSecond') / medianOf(found.bare, 'perSecond')
    const columns = (side) => [medianOf(side, 'perSecond'), rangeOf(side, 'perSecond'), medianOf(side, 'p99')]
    rows.push([name, ...columns(found.port), ...columns(found.bare), value.toFixed(2)])
    results.push({ name: `append: ${name}`, value, unit: ' ×', aim: 0.9 })
  }
  const limit = brokers ? 'kafkajs' : 'LMDB'
  printTable(
    `Durable append of 600 bytes: port against bare ${limit}, records a second`,
    ['', 'port', 'from–to', 'p99 ms', `bare ${limit}`, 'from–to', 'p99 ms', 'ratio'],
    rows,
  )
  await Promise.all([port.stop(), bare.stop()])
  return results
}
