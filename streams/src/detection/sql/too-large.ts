import { plantTree, tooLarge } from '../correlate/index.js'
import type { Rule } from '../sigma/rule.js'

/** What a rule, or one that it counts, counts up to beyond what a window holds: no statement gets there. */
export const countsTooFar = (rule: Rule, rules: readonly Rule[]): string[] =>
  plantTree(rule, rules).nodes.flatMap((node) => {
    const why = tooLarge(node)
    return why === undefined ? [] : [`${node.name} ${why.en}`]
  })
