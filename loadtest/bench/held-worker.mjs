// The gateway's part of a held access: appends events as the gateway does and waits for the verdict on each, at an even pace.
import { Writer } from '../../backend/dist/capture/writer.js'
import { VerdictListener } from '../../backend/dist/capture/verdicts.js'
import { serveOrders } from './child.mjs'
import { quantile } from './figures.mjs'
import { openPlace } from './place.mjs'

const patienceMs = 10_000
const people = 400
const log = await openPlace(JSON.parse(process.argv[2]), 'bench-gateway')
const writer = new Writer(log, patienceMs)
const verdicts = new VerdictListener(log)
await verdicts.ready

let made = 0
/** Honest work of many people: nobody opens more customers than the shipped rules let pass. */
const held = () => {
  const n = made++
  const id = `bench-${process.pid}-${n}`
  const time = new Date().toISOString()
  const actor = `clerk-${n % people}`
  const where = { ip: '10.0.0.1', device: 'bench', session: 'bench', workday: true, off_hours: false }
  const what = { action: 'photo_view', outcome: 'held', customer_id: `customer-${n % 17}`, bytes: 200_000, count: 1 }
  return {
    id,
    v: 1,
    time,
    source: 'custodia',
    actor,
    actor_role: 'staff',
    team: 'service',
    branch: 'b',
    ...where,
    ...what,
  }
}

const one = async (times) => {
  const event = held()
  const expected = verdicts.expect(event.id)
  const start = performance.now()
  await writer.append([event])
  const durable = performance.now()
  const answer = await expected.verdict(patienceMs)
  times.append.push(durable - start)
  times.wait.push(performance.now() - durable)
  const verdict = answer?.verdict ?? 'expired'
  times.verdicts[verdict] = (times.verdicts[verdict] ?? 0) + 1
}

const figures = (times) => {
  times.sort((a, b) => a - b)
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

async function run({ seconds, perSecond }) {
  const times = { append: [], wait: [], verdicts: {} }
  const flying = []
  const start = performance.now()
  for (let offered = 0; offered < seconds * perSecond;) {
    for (const due = ((performance.now() - start) / 1000) * perSecond; offered < due; offered++) flying.push(one(times))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(flying)
  return {
    answered: times.wait.length,
    append: figures(times.append),
    wait: figures(times.wait),
    verdicts: times.verdicts,
  }
}

process.send({ result: 'ready' })
serveOrders(run)
