import { join } from 'node:path'
import { io } from 'socket.io-client'
import { Writer } from '../../../backend/dist/capture/writer.js'
import { quantile } from '../figures.mjs'
import { openPlace } from '../place.mjs'
import { System } from '../system.mjs'

/** One event in so many fires a rule, each for somebody else, so that no alert waits for the one before. */
const oneIn = 50
const people = 400
const patienceMs = 30_000

/**
 * From an event that is durable in the log to its alert on an open socket, at an even pace of events: through detection with the
 * shipped rules, the alerts' topic and the gateway, while landing and response do their part.
 */
export const alertLatency = async (paces, seconds) => {
  const system = await System.start()
  try {
    const admin = await system.setUp()
    const log = await openPlace({ dir: join(system.dataDir, 'log') }, 'bench-events')
    const arrived = new Map()
    const socket = await listen(system.origin, admin.cookie, (id) => arrived.set(id, performance.now()))
    const figures = []
    for (const perSecond of paces) {
      await offer(log, { perSecond, seconds: 3, arrived }) // warm
      figures.push({ perSecond, ...(await offer(log, { perSecond, seconds, arrived })) })
    }
    socket.close()
    await log.close()
    return figures
  } finally {
    await system.stop()
  }
}

const listen = (origin, cookie, heard) =>
  new Promise((resolve, reject) => {
    const socket = io(`${origin}/live`, { transports: ['websocket'], extraHeaders: { cookie } })
    socket.on('caught_up', () => resolve(socket))
    socket.on('connect_error', reject)
    socket.on('bye', ({ message }) => reject(new Error(message)))
    socket.on('records', ({ items }, received) => {
      for (const { record } of items) if (record.kind === 'raised') heard(record.alert.event_id)
      received()
    })
  })

/** Appends events for so long, ten times a second or more often, and waits for the alerts of those that fire. */
const offer = async (log, { perSecond, seconds, arrived }) => {
  const writer = new Writer(log, patienceMs)
  const durable = new Map()
  const run = Math.random().toString(36).slice(2)
  const flying = []
  let made = 0
  const start = performance.now()
  while (made < seconds * perSecond) {
    const due = Math.min(seconds * perSecond, ((performance.now() - start) / 1000) * perSecond)
    const events = []
    for (; made < due; made++) events.push(anEvent(`${run}-${made}`, made))
    if (events.length)
      flying.push(
        writer.append(events).then(() => {
          for (const { id, canary } of events) if (canary) durable.set(id, performance.now())
        }),
      )
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const offered = (performance.now() - start) / 1000
  await Promise.all(flying)
  const from = performance.now()
  while ([...durable.keys()].some((id) => !arrived.has(id))) {
    if (performance.now() - from > patienceMs) throw new Error('Some alerts did not come.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const waits = [...durable].map(([id, at]) => arrived.get(id) - at).sort((a, b) => a - b)
  return { rate: made / offered, alerts: waits.length, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) }
}

/** Honest work of many people; now and then somebody opens a decoy. */
const anEvent = (id, n) => {
  const canary = n % oneIn === 0
  return {
    id,
    v: 1,
    time: new Date().toISOString(),
    source: 'custodia',
    actor: canary ? `curious-${id}` : `clerk-${n % people}`,
    actor_role: 'staff',
    team: 'service',
    branch: 'b',
    ip: '10.0.0.1',
    device: 'bench',
    session: 'bench',
    workday: true,
    off_hours: false,
    action: 'view',
    outcome: 'granted',
    customer_id: `customer-${n % 17}`,
    ...(canary && { canary }),
  }
}
