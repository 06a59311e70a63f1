import type { RuleProblem } from '@custodia/contracts'
import type { Rule } from '../sigma/rule.js'
import { toSql } from './index.js'

/** Of rules that alert: which have no SQL, so that a backtest replays the events through the engine, and why. */
export const replayNotes = (rules: readonly Rule[], all: readonly Rule[] = rules): RuleProblem[] =>
  rules
    .filter(({ alerts }) => alerts)
    .flatMap((rule) => {
      const statement = toSql(rule, all)
      if (!('unsupported' in statement)) return []
      const { file, name } = rule
      return [
        { file, reason: `\`${name}\` has no SQL, a backtest replays it event by event: ${statement.unsupported}` },
      ]
    })
