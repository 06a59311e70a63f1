import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { compileRules } from '../run/rule-set.js'
import { readRuleCases, type RuleCase } from './rule-cases.js'
import { differences } from './run-cases.js'
import { replayNotes } from '../sql/replay-notes.js'
import { RuleError } from '../sigma/rule-error.js'

export interface CaseResult {
  file: string
  /** what the case is called; absent: it is about the file itself */
  name?: string
  problems: string[]
}

const placeOf = ({ file, line }: RuleProblem): string => (line === undefined ? file : `${file}:${line}`)

/** What Sigma allows and nobody means, and what will not run as SQL, with its place. */
export const notesOf = (rules: readonly RuleFile[]): { place: string; note: string }[] => {
  const compiled = compileRules(rules)
  const notes = [...compiled.notes, ...replayNotes(compiled.rules)]
  return notes.map((note) => ({ place: placeOf(note), note: note.reason }))
}

const ruleFileOf = (casesFile: string): string => casesFile.replace(/\.cases(\.ya?ml)$/i, '$1')

/**
 * Runs every case of every cases file over all rules. The rule of `x.cases.yml` is the one that alerts in `x.yml`; a rule
 * file without cases is a problem of its own, because nobody would notice if it stopped working.
 */
export const testRules = (rules: readonly RuleFile[], cases: readonly RuleFile[]): CaseResult[] => {
  const compiled = compileRules(rules)
  const broken = compiled.problems.map((problem) => ({ file: placeOf(problem), problems: [problem.reason] }))
  const named = new Set(cases.map(({ file }) => ruleFileOf(file)))
  const without = compiled.rules
    .filter(({ file, alerts }) => alerts && !named.has(file))
    .map(({ file, name }) => ({ file, name, problems: ['has no cases: nothing would show that it works'] }))
  const tested = cases.flatMap(({ file, yaml }) => {
    const root = compiled.rules.find((rule) => rule.file === ruleFileOf(file) && rule.alerts)
    if (!root) return [{ file, problems: [`there is no rule that alerts in ${ruleFileOf(file)}`] }]
    try {
      const { fires, silent } = readRuleCases(yaml)
      const run = (one: RuleCase, shouldFire: boolean): CaseResult => ({
        file,
        name: one.name,
        problems: [
          ...(one.alerts.length > 0 === shouldFire
            ? []
            : ['stands in the wrong list: `fires` has alerts, `silent` none']),
          ...differences(compiled.rules, root.name, one),
        ],
      })
      return [...fires.map((one) => run(one, true)), ...silent.map((one) => run(one, false))]
    } catch (error) {
      const line = error instanceof RuleError ? error.line : undefined
      const reason = error instanceof Error ? error.message : String(error)
      return [{ file: placeOf({ file, reason, ...(line !== undefined && { line }) }), problems: [reason] }]
    }
  })
  return [...broken, ...without, ...tested]
}
