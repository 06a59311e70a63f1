import { ANY, joinParts } from '../sigma/text.js'
import { asText, type CompareValue, type FieldValue, textsOf, type Value } from '../sigma/value.js'
import type { Expression } from '../sigma/expression.js'
import { referredIn } from '../sigma/item.js'
import { foldAny } from './fold.js'
import { asJsText, asNumberPasses, type Leaf } from './leaf.js'
import { networkTest } from './network.js'
import { and, float, not, or } from './quote.js'
import { regexTest } from './regex.js'
import type { Source } from './source.js'
import { numberTextTest, readTexts, textTest } from './text-test.js'
import { timePartPasses } from './time-part.js'

type ItemExpression = Extract<Expression, { kind: 'item' }>
type Item = ItemExpression['item']

const operators: Readonly<Record<CompareValue['op'], string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' }

const fieldTest = ({ name, how }: FieldValue, cased: boolean, leaf: Leaf, source: Source): string => {
  const other = source.field(name)
  if (!other) return 'false'
  const fold = (found: Leaf): string => (cased ? asJsText(found) : foldAny(asJsText(found)))
  const text = fold(leaf)
  const test = (wanted: string): string => {
    if (how === 'equals') return `${text} = ${wanted}`
    if (how === 'contains') return `position(${text}, ${wanted}) > 0`
    return `${how === 'startswith' ? 'startsWith' : 'endsWith'}(${text}, ${wanted})`
  }
  return and([other.present, other.any((found) => test(fold(found)), 'y')])
}

const valueTest = (value: Value, { cased }: Item, leaf: Leaf, source: Source): string => {
  switch (value.kind) {
    case 'number': {
      const { number, part } = value
      return part ? timePartPasses(leaf, part, (found) => `${found} = ${float(number)}`) : 'false'
    }
    case 'compare': {
      const passes = (found: string): string => `${found} ${operators[value.op]} ${float(value.limit)}`
      return value.part ? timePartPasses(leaf, value.part, passes) : asNumberPasses(leaf, passes)
    }
    case 'regex':
      return regexTest(value.pattern, value.flags, asJsText(leaf))
    case 'field':
      return fieldTest(value, cased, leaf, source)
    case 'network':
      return leaf.type === 'text' ? networkTest(value.source, leaf.sql) : 'false'
    default:
      return 'false' // texts, and numbers by theirs, are tested together; null and presence are not about a leaf
  }
}

/** One leaf against values of which one is enough. */
const leafTest = (values: readonly Value[], item: Item, leaf: Leaf, source: Source): string => {
  const parts = values.flatMap(textsOf).map((text) => text.parts)
  const texts = parts.length ? readTexts(parts, item.cased) : undefined
  const isNumber = leaf.type === 'whole' || leaf.type === 'number'
  const text =
    texts && isNumber
      ? numberTextTest(texts, leaf.sql, asJsText(leaf))
      : texts && textTest(texts, asJsText(leaf), leaf.lower ?? leaf.type === 'flag')
  return or([...(text ? [text] : []), ...values.map((value) => valueTest(value, item, leaf, source))])
}

const groupsOf = (item: Item): Value[][] => (item.all ? item.groups : [item.groups.flat()])

const fieldItem = (name: string, { item, matches }: ItemExpression, source: Source): string => {
  const field = source.field(name)
  const [first] = item.groups[0]!
  if (first?.kind === 'presence') return first.expected !== item.negated ? (field?.present ?? 'false') : not(field?.present ?? 'false') // prettier-ignore
  if (first?.kind === 'null') return item.negated ? not(field?.nothing ?? 'true') : (field?.nothing ?? 'true')
  if (!field) return 'false'
  const groups = groupsOf(item)
  const tests = groups.map((values) => field.any((leaf) => leafTest(values, item, leaf, source)))
  // a missing field looks like an empty text: that it is there matters only where an empty text would match
  const holds = and([...(referredIn(item).length || matches({ [name]: '' }) ? [field.present] : []), ...tests])
  if (!item.negated) return holds
  const others = referredIn(item).map((other) => source.field(other)?.nothing ?? 'true')
  return and([...[field.nothing, ...others].map(not), not(holds)])
}

const keywordItem = ({ item }: ItemExpression, source: Source): string => {
  const anchored = item.applied.includes('startswith') || item.applied.includes('endswith')
  const inside = (value: Value): Value => {
    const text = asText(value)
    if (!text) return value
    return anchored ? text : { ...text, parts: joinParts([ANY, ...text.parts, ANY]) }
  }
  const tests = groupsOf(item).map((values) =>
    source.anywhere((leaf) => leafTest(values.map(inside), item, leaf, source)),
  )
  const holds = and(tests)
  return item.negated ? not(holds) : holds
}

/** SQL that is true of exactly the events that the expression matches. Throws `Unsupported`. */
export const expressionSql = (expression: Expression, source: Source): string => {
  if (expression.kind === 'not') return not(expressionSql(expression.of, source))
  if (expression.kind !== 'item') {
    const parts = expression.of.map((one) => expressionSql(one, source))
    return expression.kind === 'and' ? and(parts) : or(parts)
  }
  const { field } = expression.item
  return field === undefined ? keywordItem(expression, source) : fieldItem(field, expression, source)
}
