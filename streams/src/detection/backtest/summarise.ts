import { offsetMinutes } from '../baselines/index.js'
import type { Rule } from '../sigma/index.js'
import type { PastAlert } from './reading.js'
import type { Backtest } from './run-backtest.js'

export interface BacktestSummary {
  alerts: number
  /** accounts that would have been frozen, each as often as it was not frozen already */
  freezes: number
  /** accounts that the alerts touch */
  people: number
  /** one entry for each calendar day of the house; the first and the last one are as long as the period has of them */
  days: { from: number; alerts: number }[]
  examples: PastAlert[]
}

const DAY = 86_400_000
const MINUTE = 60_000
const EXAMPLES = 20

/** What many alerts come to. */
export const summarise = (
  rule: Rule,
  { alerts, people }: Pick<Backtest, 'alerts' | 'people'>,
  { from, to, timeZone }: { from: number; to: number; timeZone: string },
): BacktestSummary => {
  const days = [{ from, alerts: 0 }]
  for (let at = midnightAfter(from, timeZone); at < to; at = midnightAfter(at, timeZone))
    days.push({ from: at, alerts: 0 })
  for (const { at } of alerts) days.findLast((day) => day.from <= at)!.alerts++
  return {
    alerts: alerts.length,
    freezes: freezesOf(rule, alerts),
    people,
    days,
    examples: alerts.slice(0, EXAMPLES),
  }
}

const midnightAfter = (at: number, timeZone: string): number => {
  const offset = offsetMinutes(timeZone, at) * MINUTE
  const begins = (Math.floor((at + offset) / DAY) + 1) * DAY
  // the clocks may have changed in between
  return begins - offsetMinutes(timeZone, begins - offset) * MINUTE
}

const freezesOf = (rule: Rule, alerts: readonly PastAlert[]): number => {
  const freeze = rule.custodia.respond.find((response) => response.do === 'freeze')
  if (!freeze) return 0
  const until = new Map<string, number>()
  let freezes = 0
  for (const { at, group } of alerts) {
    // names with a colon are those of other systems, or of nobody: no account of ours
    if (group.actor === undefined || group.actor.includes(':') || at < (until.get(group.actor) ?? -Infinity)) continue
    freezes++
    until.set(group.actor, freeze.for_seconds === undefined ? Infinity : at + freeze.for_seconds * 1000)
  }
  return freezes
}
