import { existsSync } from 'node:fs'
import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { compileRules, readRuleFiles } from '@custodia/streams/detection'
import { keyFileOf, type Config } from '../../config.js'
import { publishedFiles } from '../../rules/published.js'
import { fail, ok, type Check } from './finding.js'

/** What is in force; before the first start, or while the record store is away, the files that it would begin with. */
export const rules = (config: Config): Check => ({
  name: 'rules',
  otherwise: 'see that CUSTODIA_RULES_DIR names a folder that this user may read',
  run: async () => {
    const { files, beside, where } = await filesOf(config)
    const { rules: loaded, problems: own } = compileRules(files)
    const problems = [...own, ...beside.flatMap((one) => problemsOf(one, files))]
    const wrong = problems.map(({ file, line, reason }) =>
      fail(
        `${file}${line === undefined ? '' : `:${line}`}: ${reason}`,
        'correct the file; until then the rule is not in force',
      ),
    )
    if (loaded.length === 0)
      return [...wrong, fail('no rule is in force', 'see that the shipped rules are there (streams/rules)')]
    return [...wrong, ok(`${loaded.length} rules load, ${where}`)]
  },
})

/** What is wrong with a file among those in force. */
const problemsOf = (one: RuleFile, files: readonly RuleFile[]): RuleProblem[] =>
  compileRules([...files.filter(({ file }) => file !== one.file), one]).problems.filter(({ file }) => file === one.file)

/** `beside`: texts of the house that are not in force, and may be wrong. */
async function filesOf(config: Config): Promise<{ files: RuleFile[]; beside: RuleFile[]; where: string }> {
  const files = existsSync(keyFileOf(config)) ? await publishedFiles(config).catch(() => []) : []
  const dirs = (files.length ? config.rulesDirs.slice(-1) : config.rulesDirs).filter((dir) => existsSync(dir))
  const found = await readRuleFiles(dirs)
  if (!files.length) return { files: found, beside: [], where: 'from the files' }
  const beside = found.filter(({ file, yaml }) => !files.some((one) => one.file === file && one.yaml === yaml))
  return { files, beside, where: 'as they are in force' }
}
