import { fileURLToPath } from 'node:url'
import { startAuditStore } from '@custodia/streams/audit-store/testing'
import { readRuleFiles } from '@custodia/streams/detection'
import { backtest } from '@custodia/streams/detection/backtest'
import { eventsSql, filled, verdictsSql } from '../../../streams/dist/audit-store/bench/generate.js'

const shipped = fileURLToPath(new URL('../../../streams/rules', import.meta.url))
const chunk = 25_000
const quarter = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse('2026-04-01T00:00:00Z') }
const bounds = { seconds: 900, alerts: 100_000 }
const clock = () => performance.now()

/** Backtests of shipped rules over ninety days of 400 people, that many landed events: how long, and what it read. */
export const backtests = async (events, rules) => {
  const audit = await startAuditStore()
  try {
    const began = clock()
    await land(audit, events)
    const landed = (clock() - began) / 1000
    const inForce = await readRuleFiles([shipped])
    const found = []
    for (const rule of rules) {
      const from = clock()
      const told = await backtest({ ...quarter, rule }, inForce, { store: audit.store, clock, bounds })
      const { by, alerts, cost } = told
      found.push({ rule, seconds: (clock() - from) / 1000, by, alerts, rows: cost.rows })
    }
    return { landed, found }
  } finally {
    await audit.stop()
  }
}

const land = async ({ run }, total) => {
  const columns = 'event_id, verdict, actor, rule, rule_version, time, log_partition, log_offset, appended_at, raw'
  for (let first = 0; first < total; first += chunk) {
    const some = eventsSql({ first, count: Math.min(chunk, total - first), total })
    await run(`INSERT INTO access_events (${filled}) SELECT ${filled} FROM (${some})`)
    await run(`INSERT INTO verdicts (${columns}) SELECT ${columns} FROM (${verdictsSql(`(${some})`)})`)
  }
}
