import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { compileRules } from '../run/rule-set.js'
import { isPlaceholderFile, type Rule } from '../sigma/index.js'

/** Name of the file that a text, tried out, stands in; that of placeholders is known by its own. */
const nameOf = (file: string | undefined): string =>
  file !== undefined && isPlaceholderFile({ file }) ? file : 'text.yml'

export interface ChosenRules {
  rules: Rule[]
  /** what is wrong with the text */
  problems: RuleProblem[]
  /** and with the files: what is asked for may be missing for that */
  refused: RuleProblem[]
  /** the rule that is asked for, when it is there */
  rule?: Rule
}

/**
 * The rules of these files, a text standing before them: what it names takes the place of theirs. Without a name the rule is
 * the one of the text that alerts.
 */
export const chooseRules = (
  files: readonly RuleFile[],
  asked: { rule?: string; yaml?: string; file?: string },
): ChosenRules => {
  const name = nameOf(asked.file)
  const text = asked.yaml === undefined ? [] : [{ file: name, yaml: asked.yaml }]
  const { rules, problems } = compileRules([...text, ...files.filter(({ file }) => file !== asked.file)])
  const alerting = rules.filter((rule) => rule.file === name && rule.alerts)
  const rule =
    asked.rule === undefined
      ? alerting.length === 1
        ? alerting[0]
        : undefined
      : rules.find(({ name, id }) => name === asked.rule || id === asked.rule)
  return {
    rules,
    problems: problems.filter(({ file }) => file === name),
    refused: problems.filter(({ file }) => file !== name),
    ...(rule && { rule }),
  }
}
