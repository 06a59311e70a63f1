import { RuleError } from '../rule-error.js'

/** Why a pattern is refused. */
export const patternError = (en: string, zh: string): RuleError =>
  new RuleError({ en: `regular expression: ${en}`, zh: `正则表达式：${zh}` })
