import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { compileRules } from '../run/rule-set.js'
import { readRuleCases, type RuleCase } from './rule-cases.js'
import { differences } from './run-cases.js'
import { replayNotes } from '../sql/replay-notes.js'
import { problemIn, RuleError } from '../sigma/rule-error.js'
import type { Said } from '../sigma/said.js'

export interface CaseResult {
  file: string
  /** what the case is called; absent: it is about the file itself */
  name?: string
  /** each where it stands, or where its case begins */
  problems: RuleProblem[]
}

export const placeOf = ({ file, line }: Pick<RuleProblem, 'file' | 'line'>): string =>
  line === undefined ? file : `${file}:${line}`

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
  const about = (file: string, said: Said, line?: number): CaseResult => ({
    file,
    problems: [problemIn(file, said, line)],
  })
  const broken = compiled.problems.map((problem) => ({ file: problem.file, problems: [problem] }))
  const named = new Set(cases.map(({ file }) => ruleFileOf(file)))
  const without = compiled.rules
    .filter(({ file, alerts }) => alerts && !named.has(file))
    .map(({ file, name }) => ({ ...about(file, noCases), name }))
  const tested = cases.flatMap(({ file, yaml }) => {
    const root = compiled.rules.find((rule) => rule.file === ruleFileOf(file) && rule.alerts)
    if (!root) return [about(file, noRule(ruleFileOf(file)))]
    try {
      const { fires, silent, lineOf } = readRuleCases(yaml)
      const run =
        (list: 'fires' | 'silent') =>
        (one: RuleCase, index: number): CaseResult => {
          const told = [
            ...(one.alerts.length > 0 === (list === 'fires') ? [] : [wrongList]),
            ...differences(compiled.rules, root.name, one),
          ]
          return { file, name: one.name, problems: told.map((said) => problemIn(file, said, lineOf(list, index))) }
        }
      return [...fires.map(run('fires')), ...silent.map(run('silent'))]
    } catch (error) {
      if (!(error instanceof RuleError)) return [about(file, notRun(error))]
      return error.all.map(({ said, line }) => about(file, said, line))
    }
  })
  return [...broken, ...without, ...tested]
}

const notRun = (error: unknown): Said => ({ en: `cannot be run: ${String(error)}`, zh: `无法运行：${String(error)}` })
const noCases: Said = { en: 'has no cases: nothing would show that it works', zh: '没有用例：无从证明它有效' }
const noRule = (file: string): Said => ({
  en: `there is no rule that alerts in ${file}`,
  zh: `${file} 中没有会报警的规则`,
})
const wrongList: Said = {
  en: 'stands in the wrong list: `fires` has alerts, `silent` none',
  zh: '放错了列表：`fires` 应有警报，`silent` 没有',
}
