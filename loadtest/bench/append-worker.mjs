// Appends records of an event's size: through the port or bare, one by one from many callers, in batches, or at a given rate.
import { quantile } from './figures.mjs'
import { openBareLog } from './bare/logs.mjs'
import { serveOrders } from './child.mjs'
import { openLog } from './logs.mjs'

const value = Buffer.alloc(600, 'x')
const actors = 40
const recordOf = (n) => ({ key: `actor-${n % actors}`, value })
const topic = 'access-events'

const [place, bare] = process.argv.slice(2).map((argument) => JSON.parse(argument))
const log = bare ? await openBareLog(place) : await openLog(place)
const append = bare ? (record) => log.append(record) : (record) => log.append(topic, record)
const appendAll = bare ? (records) => log.appendAll(records) : (records) => log.appendAll(topic, records)

let made = 0
const one = () => append(recordOf(made++))
const many = (size) => appendAll(Array.from({ length: size }, () => recordOf(made++)))

async function run({ callers, batch = 1, seconds, rate }) {
  const took = []
  const start = performance.now()
  const until = start + seconds * 1000
  const timed = async (since) => {
    await (batch === 1 ? one() : many(batch))
    took.push(performance.now() - since)
  }
  if (rate) {
    const flying = []
    for (let offered = 0; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 1)))
      for (; offered < ((performance.now() - start) / 1000) * rate; offered++)
        flying.push(timed(start + (offered * 1000) / rate))
    await Promise.all(flying)
  } else
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (performance.now() < until) await timed(performance.now())
      }),
    )
  const lasted = (performance.now() - start) / 1000
  took.sort((a, b) => a - b)
  return { perSecond: (took.length * batch) / lasted, p50: quantile(took, 0.5), p99: quantile(took, 0.99) }
}

serveOrders(run)
process.on('SIGTERM', () => void Promise.resolve(log.close()).finally(() => process.exit()))
process.send({ result: 'ready' })
