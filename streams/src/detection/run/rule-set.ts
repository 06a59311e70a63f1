import { AccessEvent, type RuleFile, type RuleProblem, type RuleSet, type RuleSummary } from '@custodia/contracts'
import { baselineFields, readsBaselines } from '../baselines/index.js'
import { isByActor, plantTrees, unsupported } from '../correlate/index.js'
import { type LoadedRules, loadRules } from '../sigma/index.js'
import type { Rule } from '../sigma/rule.js'
import { problemIn } from '../sigma/rule-error.js'
import { sha256 } from './hash.js'

/** What is judged here: access events, those that outside systems send among them. */
export const accessEvents = {
  logsource: { product: 'custodia', category: 'access' },
  fields: [...Object.keys(AccessEvent.shape), ...baselineFields],
}

/** The rules of some files that can run, and why the others cannot. */
export const compileRules = (files: readonly RuleFile[]): LoadedRules => {
  const loaded = loadRules(files, { events: accessEvents })
  const refused = [...unsupported(loaded.rules), ...misplaced(loaded.rules)]
  const broken = new Set(refused.map((problem) => problem.file))
  return {
    rules: loaded.rules.filter((rule) => !broken.has(rule.file)),
    problems: [...loaded.problems, ...refused],
    notes: loaded.notes.filter((note) => !broken.has(note.file)),
  }
}

/** What is usual is known of an actor, where that actor's own events are judged. */
const misplaced = (rules: readonly Rule[]): RuleProblem[] =>
  plantTrees(rules)
    .filter((tree) => readsBaselines(tree) && !isByActor(tree))
    .map(({ root: { file, name, lines } }) => {
      const en = `${name}: baseline and risk need actor in every group-by`
      return problemIn(file, { en, zh: `${name}：baseline 和 risk 需要每个 group-by 都含 actor` }, lines.groupBy)
    })

/**
 * Makes the set that is to follow `previous`. A file with a problem does not take effect: its version of the previous set
 * stays in force if it had one, otherwise the file is left out; the problem is told either way. So are those that are `known`
 * of files which are not among these.
 */
export const makeRuleSet = (
  found: readonly RuleFile[],
  previous: RuleSet | undefined,
  effectiveFrom: Date,
  known: readonly RuleProblem[] = [],
): RuleSet => {
  const problems = [...known]
  let files = [...found]
  let compiled = compileRules(files)
  while (compiled.problems.length) {
    const broken = compiled.problems
    problems.push(...broken)
    files = files.flatMap((file) => {
      if (!broken.some((problem) => problem.file === file.file)) return [file]
      const before = previous?.files.find((other) => other.file === file.file)
      return before && before.yaml !== file.yaml ? [before] : []
    })
    compiled = compileRules(files)
    if (broken.every((problem) => !found.some((file) => file.file === problem.file))) break // not about a file of ours
  }
  return {
    version: sha256(JSON.stringify([files.map(({ file, yaml }) => [file, yaml]), problems])),
    effective_from: effectiveFrom.toISOString(),
    files,
    rules: compiled.rules.filter((rule) => rule.alerts).map(summary),
    problems,
  }
}

const boundOf = (rule: Rule, op: 'gt' | 'gte'): number | undefined =>
  rule.kind === 'correlation' ? rule.condition.find((each) => each.op === op)?.value : undefined

const summary = (rule: Rule): RuleSummary => ({
  name: rule.name,
  title: rule.title,
  version: rule.version,
  file: rule.file,
  severity: rule.level,
  mode: rule.custodia.mode,
  hold: rule.custodia.hold,
  respond: rule.custodia.respond.map((response) => response.do),
  limit: boundOf(rule, 'gt'),
  at_least: boundOf(rule, 'gte'),
  window_seconds: rule.kind === 'correlation' ? rule.timespanSeconds : undefined,
  group_by: rule.kind === 'correlation' ? rule.groupBy : [],
})
