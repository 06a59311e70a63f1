import { plantTree } from '../correlate/index.js'
import { coversLogsource } from '../sigma/index.js'
import type { Rule } from '../sigma/rule.js'

const accessEvents = { product: 'custodia', category: 'access' }

const spelled = (logsource: Rule['logsource']): string =>
  Object.entries(logsource)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')

/** Log sources of a rule, or of the rules that it counts, that are not that of access events: whose fields those need not have. */
export const foreignLogsources = (rule: Rule, rules: readonly Rule[]): string[] => {
  const foreign = plantTree(rule, rules).bases.filter(({ logsource }) => !coversLogsource(logsource, accessEvents))
  return [...new Set(foreign.map(({ logsource }) => spelled(logsource)))]
}
