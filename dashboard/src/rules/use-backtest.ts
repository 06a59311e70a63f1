import type { RuleTrial, RuleVersion } from '@custodia/contracts'
import { shallowRef } from 'vue'
import { call } from '../api/client.js'
import { useAction } from '../api/use-action.js'

const DAY = 86_400_000

/** A backtest as it is shown; one of what is in force is held against no limits. */
export type ShownTrial = Pick<RuleTrial, 'at' | 'from' | 'to' | 'rules'> & Partial<RuleTrial>

/**
 * Backtests of one rule file. That of a version which waits is kept with it; that of the version in force is only shown, so that
 * what it was approved by stays as it was.
 */
export const useBacktest = (reload: () => Promise<unknown>) => {
  /** of the version in force, since this page was opened */
  const asItIs = shallowRef<ShownTrial & { number: number }>()
  let running = new AbortController()
  const backtest = useAction(async (version: RuleVersion, days: number) => {
    running = new AbortController()
    const { signal } = running
    const { name, number } = version
    try {
      if (version.state === 'live') asItIs.value = { number, ...(await ofRulesIn(`${name}.yml`, days, signal)) }
      else await call('ruleTry', { params: { id: name, number }, body: { days }, signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
    if (version.state !== 'live') await reload()
  })
  return { backtest, asItIs, cancel: () => running.abort() }
}

const ofRulesIn = async (file: string, days: number, signal: AbortSignal): Promise<ShownTrial> => {
  const { rules } = await call('rules', { signal })
  const now = Date.now()
  const [at, from] = [new Date(now).toISOString(), new Date(now - days * DAY).toISOString()]
  const told: RuleTrial['rules'] = []
  for (const { name } of rules.filter((rule) => rule.file === file))
    told.push(await call('ruleBacktest', { body: { rule: name, from, to: at }, signal })) // a gateway runs one at a time
  return { at, from, to: at, rules: told }
}
