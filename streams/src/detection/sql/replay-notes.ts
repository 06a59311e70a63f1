import type { RuleProblem } from '@custodia/contracts'
import type { Rule } from '../sigma/rule.js'
import { problemIn } from '../sigma/rule-error.js'
import { toSql } from './index.js'
import { inChinese } from './unsupported.js'

/** Of rules that alert: which have no SQL, so that a backtest replays the events through the engine, and why. */
export const replayNotes = (rules: readonly Rule[], all: readonly Rule[] = rules): RuleProblem[] =>
  rules
    .filter(({ alerts }) => alerts)
    .flatMap((rule) => {
      const statement = toSql(rule, all)
      if (!('unsupported' in statement)) return []
      const { file, name } = rule
      const why = statement.unsupported
      const en = `\`${name}\` has no SQL, a backtest replays it event by event: ${why}`
      return [problemIn(file, { en, zh: `\`${name}\` 没有对应的 SQL，回测时逐条重放：${inChinese(why)}` })]
    })
