import { closeSync, openSync, writeSync } from 'node:fs'
import { attacks } from './attacks.mjs'
import { seeded } from './random.mjs'

const RECORDS = 200_000
const CUSTOMERS = 80_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const zone = 9 * HOUR
const roles = ['clerk', 'clerk', 'clerk', 'operator', 'operator', 'supervisor', 'auditor', 'contractor']
const purposes = [
  'claim_handling',
  'identity_check',
  'contract_renewal',
  'customer_inquiry',
  'audit_review',
  'other',
  '',
]
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0',
]

const pad = (number, width) => String(number).padStart(width, '0')
const roleOf = (a) => roles[Math.imul(a, 2654435761) >>> 29]
const homeAddress = (a) => `10.${(a >> 8) & 255}.${(a >> 2) & 63}.${10 + (a & 3)}`

const isOffHours = (t) => {
  const local = t + zone
  const hour = Math.floor((local % DAY) / HOUR)
  const weekday = (Math.floor(local / DAY) + 4) % 7
  return hour < 8 || hour >= 20 || weekday === 0 || weekday === 6
}

/** What people do when nobody attacks. */
const ordinaryWork = ({ next, below, zipf }, actors) => {
  const anyone = zipf(actors)
  return (t) => {
    const a = anyone()
    const x = next()
    let action
    let outcome = 'success'
    let count = 1
    if (x < 0.08) {
      action = 'login'
      if (next() < 0.04) outcome = 'failure'
    } else if (x < 0.6) action = 'view'
    else if (x < 0.75) action = 'photo_view'
    else if (x < 0.93) {
      action = 'search'
      count = below(40)
    } else if (x < 0.98) {
      action = 'download'
      count = 1 + below(3)
    } else {
      action = 'export'
      count = 1 + below(40)
    }
    if (action !== 'login' && next() < 0.01) outcome = 'denied'
    return { t, a, action, outcome, count, ip: null, cc: null, rec: -1, purpose: null, role: null }
  }
}

/** One event as it is written; sessions last an hour. */
const writer = ({ below, hex }, actors) => {
  const session = new Array(actors)
  const sessionEnd = new Float64Array(actors)
  let seq = 0
  return (e) => {
    const { a } = e
    const id = seq++
    const rec = e.rec >= 0 ? e.rec : below(RECORDS)
    if (e.t > sessionEnd[a] || !session[a]) {
      session[a] = `s-${hex(24)}`
      sessionEnd[a] = e.t + HOUR
    }
    const noRecord = e.action === 'login' || e.action === 'search'
    return JSON.stringify({
      event_id: `evt-${pad(id, 9)}-${hex(16)}`,
      time: new Date(e.t).toISOString(),
      tenant: 'default',
      actor: `u${pad(a, 5)}`,
      actor_role: e.role ?? roleOf(a),
      org: `branch-${pad(a % 120, 3)}`,
      action: e.action,
      outcome: e.outcome,
      record_id: noRecord ? null : `rec-${pad(rec, 7)}`,
      customer_id: noRecord ? null : `cus-${pad((Math.imul(rec, 48271) >>> 0) % CUSTOMERS, 7)}`,
      count: e.count,
      ip: e.ip ?? homeAddress(a),
      country: e.cc ?? 'JP',
      device: `dev-${pad(a, 5)}-${a % 3}`,
      device_managed: e.cc ? false : a % 10 !== 0,
      session_id: session[a],
      purpose: e.purpose ?? purposes[below(7)],
      app: 'photo-gateway',
      route: `/v1/customers/{id}/${e.action}`,
      user_agent: agents[a % 3],
      latency_ms: 3 + below(80),
      request_id: hex(32),
    })
  }
}

/** Writes deterministic access events, one JSON object a line. Gives the number of bytes. */
export const generate = ({ events, file, seed = 0x9e3779b9, actors = 5000 }) => {
  const random = seeded(seed)
  const work = ordinaryWork(random, actors)
  const bad = attacks(random, actors)
  const lineOf = writer(random, actors)
  const out = openSync(file, 'w')
  let lines = []
  let written = 0
  let bytes = 0
  const flush = () => {
    bytes += writeSync(out, lines.join(''))
    lines = []
  }
  const emit = (event) => {
    lines.push(`${lineOf(event)}\n`)
    written++
    if (lines.length >= 10_000) flush()
  }
  let t = Date.UTC(2026, 2, 4, 21, 0, 0)
  let nextAttack = t + 30_000
  while (written < events) {
    const perSecond = isOffHours(t) ? 4 : 20
    t += (-Math.log(1 - random.next()) * 1000) / perSecond
    while (t >= nextAttack) {
      bad.start(nextAttack)
      nextAttack += ((-Math.log(1 - random.next()) * 19) / (0.01 * perSecond)) * 1000
    }
    for (let event = bad.due(t); event && written < events; event = bad.due(t)) emit(event)
    if (written < events) emit(work(Math.floor(t)))
  }
  flush()
  closeSync(out)
  return bytes
}
