import type { Rule } from '../sigma/rule.js'
import { accessHistory, documentHistory, type History, punctualHistory } from './history.js'
import { compileRule, type Statement } from './statement.js'
import { Unsupported, type WhyReplayed } from './unsupported.js'

export type { History } from './history.js'
export type { GroupEnd, Statement } from './statement.js'
export { literals } from './quote.js'
export { countsTooFar } from './too-large.js'
export { inChinese, replayReason, type WhyReplayed } from './unsupported.js'
export { accessHistory, documentHistory, punctualHistory }

/**
 * A rule as one statement of ClickHouse that gives exactly the engine's alerts over a history, or why there is none: then
 * the events are replayed through the engine. `rules` holds what the rule counts.
 */
export const toSql = (
  rule: Rule,
  rules: readonly Rule[],
  history: History = accessHistory,
): Statement | { unsupported: WhyReplayed } => {
  try {
    return compileRule(rule, rules, history)
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.why }
    throw error
  }
}
