import type { RuleFile, RuleSet } from '@custodia/contracts'
import { testRules, type CaseResult } from '../cases/index.js'
import { compileRules, makeRuleSet } from '../run/rule-set.js'
import { type Compiled, inOrder, whatChanges } from './what-changes.js'

let last: { key: string; compiled: Compiled } | undefined

/** The set in force is asked about again and again while somebody types. */
const compiled = (files: readonly RuleFile[]): Compiled => {
  const key = JSON.stringify(files)
  if (last?.key !== key) last = { key, compiled: compileRules(files) }
  return last.compiled
}

/** What the thread does. Everything in and out is plain data. */
export const tasks = {
  changes: (inForce: readonly RuleFile[], text: RuleFile) => whatChanges(inForce, compiled(inForce), text),
  set: (...input: Parameters<typeof makeRuleSet>): RuleSet => makeRuleSet(...input),
  /** the cases of one text, among the rules in force */
  test: (inForce: readonly RuleFile[], text: RuleFile, cases: RuleFile): CaseResult[] => {
    const all = inOrder([text, ...inForce.filter(({ file }) => file !== text.file)])
    return testRules(all, [cases]).filter(({ file }) => file === cases.file || file === text.file)
  },
}

export type Tasks = typeof tasks
