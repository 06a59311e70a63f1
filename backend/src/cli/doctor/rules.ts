import { existsSync } from 'node:fs'
import { loadRules, readRuleFiles } from '@custodia/streams/detection'
import { fail, ok, type Check } from './finding.js'

export const rules = (dirs: readonly string[]): Check => ({
  name: 'rules',
  otherwise: 'see that CUSTODIA_RULES_DIR names a folder that this user may read',
  run: async () => {
    const { rules: loaded, problems } = loadRules(await readRuleFiles(dirs.filter((dir) => existsSync(dir))))
    const wrong = problems.map(({ file, line, reason }) =>
      fail(
        `${file}${line === undefined ? '' : `:${line}`}: ${reason}`,
        'correct the file; until then the rule is not in force',
      ),
    )
    if (loaded.length === 0)
      return [...wrong, fail('no rule is in force', 'see that the shipped rules are there (streams/rules)')]
    return [...wrong, ok(`${loaded.length} rules load`)]
  },
})
