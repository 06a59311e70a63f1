import { parseDetection } from './detection.js'
import type { Entry } from './entry.js'
import type { Expression } from './expression.js'
import { coversLogsource, type Logsource } from './head.js'
import type { CompileContext } from './modifiers/modifier.js'
import { RuleError } from './rule-error.js'

/** A filter: one more condition that events must meet to match the rules it lists. */
export interface Filter {
  entry: Entry
  logsource: Logsource
  /** undefined: every rule of its log source */
  rules: string[] | undefined
  expression: Expression
}

export const parseFilter = (entry: Entry, logsource: Logsource, context: CompileContext): Filter => {
  const { document } = entry
  if ('custodia' in document.content)
    throw new RuleError('a filter takes no `custodia` keys', document.line(['custodia']))
  const expression = parseDetection(document, 'filter', context)
  const { rules } = document.content.filter as { rules?: unknown }
  const list: unknown[] = Array.isArray(rules) ? rules : [rules]
  const names = list.filter((name) => typeof name === 'string')
  if (!names.length || names.length < list.length) {
    const odd = Array.isArray(rules) ? [list.findIndex((name) => typeof name !== 'string')] : []
    throw new RuleError(
      '`filter.rules` is `any`, or a list of names or ids of rules',
      document.line(['filter', 'rules', ...odd]),
    )
  }
  const any = names.length === 1 && names[0]!.toLowerCase() === 'any'
  return { entry, logsource, rules: any ? undefined : names, expression }
}

/** Why a filter cannot apply to what it names, if so. */
export const whyNotFiltered = (
  filter: Filter,
  target: { kind: Entry['kind']; logsource?: Logsource },
): string | undefined => {
  if (target.kind === 'correlation') return 'is a correlation: filter the rules it counts'
  if (target.kind === 'filter') return 'is a filter itself'
  return coversLogsource(filter.logsource, target.logsource ?? {}) ? undefined : 'has another log source'
}
