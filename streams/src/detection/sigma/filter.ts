import { parseDetection } from './detection.js'
import type { Entry } from './entry.js'
import type { Expression } from './expression.js'
import { coversLogsource, type Logsource } from './head.js'
import type { CompileContext } from './modifiers/modifier.js'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'

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
    throw new RuleError(
      { en: 'a filter takes no `custodia` keys', zh: '过滤器不能有 `custodia` 键' },
      document.line(['custodia']),
    )
  const expression = parseDetection(document, 'filter', context)
  const { rules } = document.content.filter as { rules?: unknown }
  const list: unknown[] = Array.isArray(rules) ? rules : [rules]
  const names = list.filter((name) => typeof name === 'string')
  if (!names.length || names.length < list.length) {
    const odd = Array.isArray(rules) ? [list.findIndex((name) => typeof name !== 'string')] : []
    throw new RuleError(
      {
        en: '`filter.rules` is `any`, or a list of names or ids of rules',
        zh: '`filter.rules` 须为 `any`，或规则名称、id 的列表',
      },
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
): Said | undefined => {
  if (target.kind === 'correlation')
    return { en: 'is a correlation: filter the rules it counts', zh: '是关联规则：请过滤它所统计的规则' }
  if (target.kind === 'filter') return { en: 'is a filter itself', zh: '本身是过滤器' }
  return coversLogsource(filter.logsource, target.logsource ?? {})
    ? undefined
    : { en: 'has another log source', zh: '的日志来源不同' }
}
