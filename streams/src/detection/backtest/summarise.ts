import type { Rule } from '../sigma/index.js'
import type { PastAlert } from './reading.js'

export interface BacktestSummary {
  alerts: number
  /** accounts that would have been frozen, each as often as it was not frozen already */
  freezes: number
  people: number
  /** one entry for each 24 hours of the period, the last one maybe shorter */
  days: { from: number; alerts: number }[]
  examples: PastAlert[]
}

const DAY = 86_400_000
const EXAMPLES = 20

/** What many alerts come to. */
export const summarise = (rule: Rule, alerts: readonly PastAlert[], from: number, to: number): BacktestSummary => {
  const days = Array.from({ length: Math.max(1, Math.ceil((to - from) / DAY)) }, (_, i) => ({
    from: from + i * DAY,
    alerts: 0,
  }))
  for (const { at } of alerts) days[Math.floor((at - from) / DAY)]!.alerts++
  return {
    alerts: alerts.length,
    freezes: freezesOf(rule, alerts),
    people: new Set(alerts.flatMap(({ group }) => group.actor ?? [])).size,
    days,
    examples: alerts.slice(0, EXAMPLES),
  }
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
