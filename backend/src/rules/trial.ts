import { createHash } from 'node:crypto'
import { type BacktestReply, type PastTrial, type RuleTrial, TRIAL_DAYS } from '@custodia/contracts'
import type { KeptTrial } from '../record-store/schema.js'

const DAY = 86_400_000
/** A backtest tells of the recent past; after so long it is to be run again. */
const freshMs = 7 * DAY

/** Which limits a backtest passes. What alerts or freezes no more than the version in force passes none. */
export const limitsPassed = (
  rules: readonly BacktestReply[],
  days: number,
  limits: RuleTrial['limits'],
): RuleTrial['failed'] => {
  const sum = (of: (reply: BacktestReply) => number): number => rules.reduce((total, reply) => total + of(reply), 0)
  const frozen = ({ freezes, people }: { freezes: number; people: number }): number => Math.min(freezes, people)
  const exceeds = (now: number, live: number, most: number): boolean => now > most && now > live
  const alerts = exceeds(
    sum((one) => one.alerts),
    sum((one) => one.live?.alerts ?? 0),
    limits.alerts_a_day * days,
  )
  const freezes = exceeds(
    sum(frozen),
    sum((one) => (one.live ? frozen(one.live) : 0)),
    limits.frozen,
  )
  return [...(alerts ? (['alerts'] as const) : []), ...(freezes ? (['frozen'] as const) : [])]
}

export const hashOf = (yaml: string): string => createHash('sha256').update(yaml).digest('hex').slice(0, 16)

/** What is kept of a backtest for good. */
export const kept = (trial: RuleTrial, yaml: string): KeptTrial => {
  const { at, by, from, to, failed, rules } = trial
  const sum = (of: 'alerts' | 'freezes'): number => rules.reduce((total, rule) => total + rule[of], 0)
  return { at, by, from, to, failed, alerts: sum('alerts'), freezes: sum('freezes'), text: hashOf(yaml) }
}

export const trialsOf = ({ yaml, trials }: Tried): PastTrial[] =>
  trials.map(({ text, ...trial }) => ({ ...trial, of_this_text: text === hashOf(yaml) }))

type Tried = { yaml: string; trial: RuleTrial | null; trials: readonly KeptTrial[] }

/**
 * Whether a version may go into force as far as its backtests are concerned: the last one passed, over days enough, and it is
 * no kinder choice of days than one of the same text that did not pass.
 */
export const isGoodEnough = (version: Tried, now: number): boolean => {
  const { trial } = version
  const days = ({ from, to }: Pick<RuleTrial, 'from' | 'to'>): number => Date.parse(to) - Date.parse(from)
  const isFresh = ({ at }: Pick<RuleTrial, 'at'>): boolean => now - Date.parse(at) <= freshMs
  if (!trial || trial.failed.length || !isFresh(trial) || days(trial) < TRIAL_DAYS * DAY) return false
  return !trialsOf(version).some(
    (one) => one.of_this_text && one.failed.length && isFresh(one) && days(one) > days(trial),
  )
}
