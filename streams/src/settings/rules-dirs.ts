import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const shippedRulesDir = fileURLToPath(new URL('../../rules', import.meta.url))

/** Where rules are read from, in the order they apply: the shipped ones, then those of the house. */
export const rulesDirsOf = (dataDir: string, rulesDir: string | undefined): string[] => [
  shippedRulesDir,
  resolve(rulesDir ?? join(dataDir, 'rules')),
]
