import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { parseCondition } from './condition.js'
import { every, type Expression, some } from './expression.js'
import { parseItem } from './item.js'
import type { CompileContext } from './modifiers/modifier.js'
import type { RuleDocument } from './nodes.js'
import { atLine, RuleError, together } from './rule-error.js'
import type { Said } from './said.js'
import { textValue, type Value } from './value.js'

const valueOf = (node: Node | undefined): Value => {
  if (node === undefined) return { kind: 'null' }
  if (!isScalar(node))
    throw new RuleError({
      en: 'a value is a text, a number, true, false or null, or a list of them',
      zh: '值须为文本、数字、true、false 或 null，或由它们组成的列表',
    })
  const { value } = node
  if (value === null) return { kind: 'null' }
  if (typeof value === 'boolean') return { kind: 'boolean', boolean: value }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const source = node.source ?? String(value)
    // As a number it would equal its neighbours, and an ID number has eighteen digits.
    if (/^[-+]?\d+$/.test(source) && !Number.isSafeInteger(Number(value)))
      throw new RuleError({
        en: `\`${source}\` has more digits than numbers are told apart by: write it in quotes, as a text`,
        zh: `\`${source}\` 的位数超出数字的精度：请加引号写成文本`,
      })
    if (!Number.isFinite(Number(value)))
      throw new RuleError({
        en: `\`${source}\` is no number that an event can have: write it in quotes, as a text`,
        zh: `事件中不会有 \`${source}\` 这样的数字：请加引号写成文本`,
      })
    return { kind: 'number', number: Number(value), source }
  }
  return textValue(String(value))
}

/** An item of a selection. What is wrong with one value of a list is told where that value stands. */
const parseValues = (
  key: string,
  list: readonly (Node | undefined)[],
  document: RuleDocument,
  context: CompileContext,
): Expression => {
  const values = list.map((node) => atLine(list.length > 1 ? document.lineOf(node) : undefined, () => valueOf(node)))
  try {
    return parseItem(key, values, context)
  } catch (error) {
    // modifiers know no places: a value that is refused for this reason when it stands alone is meant, unless all of them are
    const refused = list.filter((_, at) => isRefused(key, values[at]!, context, error))
    return atLine(refused.length < list.length ? document.lineOf(refused[0]) : undefined, () => {
      throw error
    })
  }
}

const isRefused = (key: string, value: Value, context: CompileContext, why: unknown): boolean => {
  try {
    parseItem(key, [value], context)
    return false
  } catch (error) {
    return error instanceof RuleError && why instanceof RuleError && error.message === why.message
  }
}

const noValue = (key: string): Said => ({
  en: `\`${key}\` has no value, which matches events without it: write \`null\` where that is meant`,
  zh: `\`${key}\` 没有写值，会匹配没有此字段的事件：若确有此意请写 \`null\``,
})

/** A selection: a map (all of its items), or a list of maps and keywords (one of them). */
export const parseSelection = (
  name: string,
  node: Node | undefined,
  document: RuleDocument,
  context: CompileContext,
): Expression => {
  const at = document.lineOf(node)
  if (isMap(node)) {
    const items = together(
      ...document.entries(node).map(
        ({ key, keyNode, value }) =>
          () =>
            atLine(document.lineOf(keyNode), () => {
              const list = isSeq(value) ? value.items.map(document.resolve) : [value]
              const item = parseValues(key, list, document, context)
              if (isScalar(value) && value.value === null && !value.source)
                context.note(noValue(key), document.lineOf(keyNode))
              return item
            }),
      ),
    )
    if (items.length) return every(items)
  } else if (isSeq(node)) {
    const members = node.items.map(document.resolve)
    const maps = members.filter((member) => isMap(member) || isSeq(member))
    const words = members.filter((member) => !isMap(member) && !isSeq(member))
    const alternatives = together(
      ...maps.map((member) => () => parseSelection(name, member, document, context)),
      ...(words.length ? [() => atLine(at, () => parseValues('', words, document, context))] : []),
    )
    if (alternatives.length) return some(alternatives)
  } else if (isScalar(node) && node.value !== null) {
    return atLine(at, () => parseItem('', [valueOf(node)], context))
  }
  throw new RuleError({ en: `selection \`${name}\` is empty`, zh: `选择项 \`${name}\` 为空` }, at)
}

/** Reads what stands below `detection` or `filter`: selections and the condition that joins them. */
export const parseDetection = (
  document: RuleDocument,
  section: 'detection' | 'filter',
  context: CompileContext,
): Expression => {
  const node = document.node([section])
  if (!isMap(node))
    throw new RuleError(
      { en: `\`${section}\` must be a map`, zh: `\`${section}\` 须为键值映射` },
      document.line([section]),
    )
  const selections = new Map<string, Expression>()
  const works: (() => void)[] = []
  for (const { key, keyNode, value } of document.entries(node)) {
    if (key === 'condition' || (section === 'filter' && key === 'rules')) continue
    if (key === 'timeframe')
      throw new RuleError(
        { en: '`timeframe` is obsolete: write a correlation rule', zh: '`timeframe` 已废弃：请改写为关联规则' },
        document.lineOf(keyNode),
      )
    selections.set(key, every([])) // the condition is read whatever is wrong with what it names
    works.push(() => {
      selections.set(
        key,
        atLine(document.lineOf(keyNode), () => parseSelection(key, value, document, context)),
      )
    })
  }
  const line = document.line([section, 'condition'])
  if (!selections.size)
    throw new RuleError({ en: `\`${section}\` has no selection`, zh: `\`${section}\` 没有选择项` }, line)
  const condition = (document.content[section] as Record<string, unknown>).condition
  const conditions = Array.isArray(condition) ? condition : [condition]
  const read = (): Expression => {
    if (!conditions.length || !conditions.every((one) => typeof one === 'string' && one.trim() !== ''))
      throw new RuleError({ en: `\`${section}\` needs a condition`, zh: `\`${section}\` 需要条件（condition）` }, line)
    return atLine(line, () => parseCondition(conditions as string[], selections))
  }
  return together(...works, read).at(-1) as Expression
}
