import type { Expression, Matcher } from './expression.js'
import { anyLeaf, anyScalar, fieldReader, hasTooManyParts, isNothing, type Scalar } from './fields.js'
import { foldCase } from './fold.js'
import { parseNetwork } from './ip.js'
import { didYouMean } from './known-events.js'
import { matchAnyText } from './match-text.js'
import { needSeveral } from './modifiers/all.js'
import { inOrder, modifiers } from './modifiers/index.js'
import type { CompileContext, Item } from './modifiers/modifier.js'
import { needPossible } from './modifiers/time-part.js'
import { compileRegex } from './regex/compile-regex.js'
import { tooManyParts } from './reason.js'
import { RuleError } from './rule-error.js'
import { ANY, joinParts, writtenText } from './text.js'
import { partOfTime } from './time-part.js'
import { asNumber, asText, type CompareValue, type FieldValue, textsOf, type TimePart, type Value } from './value.js'

/** A test of one leaf; the event is there for `fieldref`. */
type Test = (value: Scalar, event: object) => boolean

const partTest =
  (part: TimePart, number: number): Test =>
  (value) =>
    partOfTime(value, part) === number

const comparisons: Record<CompareValue['op'], (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
}

const compareTest = ({ op, limit, part }: CompareValue): Test => {
  const holds = comparisons[op]
  return (value) => {
    const number = part ? partOfTime(value, part) : asNumber(value)
    return number !== undefined && holds(number, limit)
  }
}

const networkTest = (source: string): Test => {
  const inside = parseNetwork(source)
  return (value) => typeof value === 'string' && inside !== undefined && inside(value)
}

const fieldTest = ({ name, how }: FieldValue, cased: boolean): Test => {
  const other = fieldReader(name)
  const fold = (value: Scalar) => (cased ? String(value) : foldCase(String(value)))
  return (value, event) => {
    const text = fold(value)
    return anyScalar(other(event), (found) => {
      const wanted = fold(found)
      if (how === 'equals') return text === wanted
      if (how === 'contains') return text.includes(wanted)
      return how === 'startswith' ? text.startsWith(wanted) : text.endsWith(wanted)
    })
  }
}

/** One test for several values of which one is enough: all texts share one pass over the lower-cased value. */
const testOf = (values: readonly Value[], item: Item): Test => {
  const tests: Test[] = []
  const texts = values.flatMap(textsOf)
  if (texts.length) {
    const matches = matchAnyText(
      texts.map(({ parts }) => parts),
      item.cased,
    )
    tests.push((value) => matches(typeof value === 'string' ? value : String(value)))
  }
  for (const value of values) {
    if (value.kind === 'number' && value.part) tests.push(partTest(value.part, value.number))
    else if (value.kind === 'field') tests.push(fieldTest(value, item.cased))
    else if (value.kind === 'compare') tests.push(compareTest(value))
    else if (value.kind === 'network') tests.push(networkTest(value.source))
    else if (value.kind === 'regex') {
      const finds = compileRegex(value.pattern, value.flags)
      tests.push((found) => finds(String(found)))
    }
  }
  const [only] = tests
  return tests.length === 1 && only ? only : (value, event) => tests.some((test) => test(value, event))
}

/** The other fields that an item compares its own with. */
export const referredIn = ({ groups }: Item): string[] =>
  groups.flat().flatMap((value) => (value.kind === 'field' ? [value.name] : []))

const fieldMatcher = (field: string, item: Item): Matcher => {
  const read = fieldReader(field)
  const [first] = item.groups[0]!
  if (first?.kind === 'presence') return (event) => (read(event) !== undefined) === (first.expected !== item.negated)
  if (first?.kind === 'null') return (event) => isNothing(read(event)) !== item.negated
  const tests = (item.all ? item.groups : [item.groups.flat()]).map((values) => testOf(values, item))
  const holds: Matcher = (event) => {
    const value = read(event)
    return value !== undefined && tests.every((test) => anyScalar(value, (leaf) => test(leaf, event)))
  }
  if (!item.negated) return holds
  const needed = [read, ...referredIn(item).map((name) => fieldReader(name))]
  return (event) => needed.every((one) => !isNothing(one(event))) && !holds(event)
}

/** Keywords are looked for inside every value of the event. */
const keywordMatcher = (item: Item): Matcher => {
  const anchored = item.applied.includes('startswith') || item.applied.includes('endswith')
  const groups = item.groups.map((values) =>
    values.map((value) => {
      const text = asText(value)
      if (text) return anchored ? text : { ...text, parts: joinParts([ANY, ...text.parts, ANY]) }
      if (value.kind !== 'regex')
        throw new RuleError({ en: 'keywords are texts: this needs a field', zh: '关键词须为文本：这里需要一个字段' })
      return value
    }),
  )
  const tests = (item.all ? groups : [groups.flat()]).map((values) => testOf(values, item))
  const holds: Matcher = (event) => tests.every((test) => anyLeaf(event, (leaf) => test(leaf, event)))
  return item.negated ? (event) => !holds(event) : holds
}

/** An item whose modifiers have done their work. */
export const itemExpression = (item: Item): Expression => ({
  kind: 'item',
  item,
  matches: item.field === undefined ? keywordMatcher(item) : fieldMatcher(item.field, item),
})

const writtenAs = (value: Value): string => {
  const text = asText(value)
  if (text) return writtenText(text.parts)
  if (value.kind === 'compare') return `${value.op} ${value.limit}`
  if (value.kind === 'network') return value.source
  return value.kind === 'regex' ? value.pattern : ''
}

/** Each value written is to be one that the field can have. Of other fields, and of none, nobody knows. */
const needValues = (field: string, item: Item, { needValue }: CompileContext): void => {
  for (const group of item.groups) {
    const known = group.filter(({ kind }) => kind !== 'field' && kind !== 'presence' && kind !== 'null')
    const [first] = known
    if (first && known.length === group.length)
      needValue(field, writtenAs(first), () => {
        const test = testOf(group, item)
        return (value) => test(value, {})
      })
  }
}

const unknownModifier = (key: string, name: string): RuleError => {
  if (!name) return new RuleError({ en: `\`${key}\`: a modifier is missing`, zh: `\`${key}\`：缺少修饰符` })
  const meant = didYouMean(name, [...modifiers.keys()])
  return new RuleError({
    en: `modifier \`${name}\` is not known${meant.en}`,
    zh: `修饰符 \`${name}\` 无法识别${meant.zh}`,
  })
}

/** Reads `field|modifier|…: values`. Without a field the values are keywords. */
export const parseItem = (key: string, values: readonly Value[], context: CompileContext): Expression => {
  const [field, ...names] = key.split('|')
  if (!values.length) throw new RuleError({ en: `\`${key}\` has no value`, zh: `\`${key}\` 没有值` })
  if (field) {
    if (hasTooManyParts(field)) throw new RuleError(tooManyParts)
    context.needField(field)
  }
  const item: Item = {
    field: field || undefined,
    groups: values.map((value) => [value]),
    all: false,
    negated: false,
    cased: false,
    applied: [],
  }
  if (values.length > 1 && values.some((value) => value.kind === 'null'))
    throw new RuleError({
      en: 'null cannot stand in a list: give it a selection of its own',
      zh: 'null 不能放在列表里：请另写一个选择项',
    })
  for (const name of inOrder(names)) {
    const modifier = modifiers.get(name)
    if (!modifier) throw unknownModifier(key, name)
    modifier.apply(item, name, context)
    item.applied.push(name)
  }
  item.groups.flat().forEach(needPossible)
  if (field) needValues(field, item, context)
  needSeveral(item)
  return itemExpression(item)
}
