import type { AuditStore } from '../../audit-store/index.js'
import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { sha256 } from '../run/hash.js'
import type { Rule } from '../sigma/index.js'
import { inOneSentence, type Said } from '../sigma/said.js'
import { chooseRules } from './choose-rules.js'
import type { PastAlert } from './reading.js'
import { type Backtest, type BacktestBounds, runBacktest } from './run-backtest.js'
import { type BacktestSummary, summarise } from './summarise.js'

export interface BacktestAsked {
  /** name or id; without it, the one rule of the text that alerts */
  rule?: string
  /** a rule file, tried out before anybody saves it */
  yaml?: string
  /** the file in force that it would take the place of; otherwise only what it names is replaced */
  file?: string
  /** milliseconds */
  from: number
  to: number
}

export interface BacktestReport extends BacktestSummary {
  rule: Rule
  passedOver: number
  by: Backtest['by']
  why?: Backtest['why']
  cost: Backtest['cost']
  /** the version that is in force; absent when no rule of this name is */
  live?: { version: string; same: boolean; summary: BacktestSummary; onlyHere: number; onlyLive: number }
}

/** Why there is no backtest: nothing was run. */
export class BacktestRefused extends Error {
  constructor(readonly said: Said) {
    super(said.en)
  }
}

const atItsLine = ({ line, reason: en, reason_zh: zh = en }: RuleProblem): Said =>
  line === undefined ? { en, zh } : { en: `line ${line}: ${en}`, zh: `第 ${line} 行：${zh}` }

const refusal = (problem: RuleProblem): Said => {
  const { en, zh } = atItsLine(problem)
  return { en: `${problem.file} cannot be used: ${en}`, zh: `${problem.file} 无法使用：${zh}` }
}

const nowhere = (rule: string | undefined, refused: readonly RuleProblem[]): Said =>
  rule === undefined
    ? {
        en: 'say which rule: the text has none or several that alert',
        zh: '请指明规则：文本中会报警的规则没有或不止一条',
      }
    : inOneSentence([{ en: `no rule is called ${rule}`, zh: `没有名为 ${rule} 的规则` }, ...refused.map(refusal)], {
        en: '; ',
        zh: '；',
      })

/** A backtest of a rule, and the difference from its version in force. */
export const backtest = async (
  { from, to, ...asked }: BacktestAsked,
  inForce: readonly RuleFile[],
  {
    store,
    clock,
    bounds,
    timeZone,
    signal,
  }: { store: AuditStore; clock: () => number; bounds: BacktestBounds; timeZone: string; signal?: AbortSignal },
): Promise<BacktestReport> => {
  const { rule, rules, problems, refused } = chooseRules(inForce, asked)
  const [problem] = problems
  if (problem) throw new BacktestRefused(atItsLine(problem))
  if (!rule) throw new BacktestRefused(nowhere(asked.rule, refused))
  const now = chooseRules(inForce, { rule: rule.name })
  const ask = (one: Rule, all: readonly Rule[]): Promise<Backtest> =>
    runBacktest(
      { rule: one, rules: all, from, to },
      { store, clock, hash: sha256, bounds, timeZone, ...(signal && { signal }) },
    )
  const { alerts, people, ...ran } = await ask(rule, rules)
  const found = { alerts, people }
  const summary = summarise(rule, found, { from, to, timeZone })
  if (!now.rule) return { rule, ...summary, ...ran }
  const same = now.rule.version === rule.version
  const before = same ? found : await ask(now.rule, now.rules)
  const live = {
    version: now.rule.version,
    same,
    summary: summarise(now.rule, before, { from, to, timeZone }),
    ...difference(alerts, before.alerts),
  }
  return { rule, ...summary, ...ran, live }
}

/** Alerts are the same when the same event fired them for the same group, whatever the version. */
const difference = (here: readonly PastAlert[], live: readonly PastAlert[]) => {
  const keyOf = ({ event_id, group }: PastAlert): string => JSON.stringify([event_id, Object.entries(group).sort()])
  const [a, b] = [new Set(here.map(keyOf)), new Set(live.map(keyOf))]
  return { onlyHere: [...a].filter((key) => !b.has(key)).length, onlyLive: [...b].filter((key) => !a.has(key)).length }
}
