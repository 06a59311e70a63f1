import { existsSync } from 'node:fs'
import type { RuleFile } from '@custodia/contracts'
import { loadRules, readRuleFiles } from '@custodia/streams/detection'
import { keyFileOf, type Config } from '../../config.js'
import { publishedFiles } from '../../rules/published.js'
import { fail, ok, type Check } from './finding.js'

/** What is in force; before the first start, or while the record store is away, the files that it would begin with. */
export const rules = (config: Config): Check => ({
  name: 'rules',
  otherwise: 'see that CUSTODIA_RULES_DIR names a folder that this user may read',
  run: async () => {
    const [files, where] = await filesOf(config)
    const { rules: loaded, problems } = loadRules(files)
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

async function filesOf(config: Config): Promise<[RuleFile[], string]> {
  const published = existsSync(keyFileOf(config)) ? await publishedFiles(config).catch(() => []) : []
  // those of the house stand beside them for their problems: what cannot be used is in no set
  const house = config.rulesDirs.slice(-1)
  const dirs = (published.length ? house : config.rulesDirs).filter((dir) => existsSync(dir))
  const files = await readRuleFiles(dirs)
  if (!published.length) return [files, 'from the files']
  const broken = new Set(loadRules(files).problems.map(({ file }) => file))
  return [[...published, ...files.filter(({ file }) => broken.has(file))], 'as they are in force']
}
