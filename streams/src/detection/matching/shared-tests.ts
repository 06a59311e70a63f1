import type { Expression } from '../sigma/expression.js'
import { referredIn } from '../sigma/item.js'
import type { DetectionRule } from '../sigma/index.js'
import type { Item } from '../sigma/modifiers/modifier.js'
import { Column } from './column.js'
import { keysOf } from './keys-of.js'
import type { Subject } from './subject.js'

/** A question about the event at hand. */
type Test = () => boolean

/** What must hold of one column's value, or its rule does not match: rules are looked up by it. */
interface Guard {
  column: Column
  holds: (number: number) => boolean
  /** roughly how many values pass: the fewer the better */
  width: number
}

/** Fields that an item looks at; undefined: the whole event. */
const fieldsOf = (item: Item): string[] | undefined =>
  item.field === undefined ? undefined : [item.field, ...referredIn(item)]

const itemsOf = (expression: Expression): Item[] => {
  if (expression.kind === 'item') return [expression.item]
  return expression.kind === 'not' ? itemsOf(expression.of) : expression.of.flatMap(itemsOf)
}

/** The top-level keys that these rules look at; of a rule with keywords all others too, which are then read by `JSON.parse`. */
export const keysRead = (bases: readonly DetectionRule[]): string[] => [
  ...new Set(
    bases.flatMap(({ expression }) =>
      itemsOf(expression)
        .flatMap((item) => fieldsOf(item) ?? [])
        .flatMap(keysOf),
    ),
  ),
]

const asksForMinutes = ({ groups }: Item): boolean =>
  groups.flat().every((value) => (value.kind === 'number' || value.kind === 'compare') && value.part !== undefined)

const widthOf = ({ groups, negated }: Item): number => {
  const values = groups.flat()
  const exact = values.every(
    (value) =>
      (value.kind === 'text' && value.parts.every((part) => typeof part === 'string')) || value.kind === 'number',
  )
  return negated || !exact ? 1000 : values.length
}

/** Equal items of different rules have equal names. */
const nameOf = (item: Item): string =>
  JSON.stringify(item, (_key, value: unknown) => (typeof value === 'symbol' ? { wildcard: value.description } : value))

/** Tests of items, made once however many rules have them, and the columns below them. */
export class SharedTests {
  private readonly columns = new Map<string, Column>()
  private readonly tests = new Map<string, { test: Test; guard?: Guard }>()

  constructor(private readonly subject: Subject) {}

  column(key: string, minutes = false): Column {
    const name = `${minutes ? 'm' : 'v'}${key}`
    const known = this.columns.get(name) ?? new Column(key, this.subject.numbersOf(key, minutes))
    this.columns.set(name, known)
    return known
  }

  all(): Iterable<Column> {
    return this.columns.values()
  }

  /** Compiles an expression; cheap questions are asked first. */
  compile(expression: Expression): Test {
    if (expression.kind === 'item') return this.ofItem(expression).test
    if (expression.kind === 'not') {
      const test = this.compile(expression.of)
      return () => !test()
    }
    const tests = [...expression.of].sort((a, b) => this.cost(a) - this.cost(b)).map((one) => this.compile(one))
    if (expression.kind === 'and')
      return () => {
        for (const test of tests) if (!test()) return false
        return true
      }
    return () => {
      for (const test of tests) if (test()) return true
      return false
    }
  }

  guardOf(expression: Expression): Guard | undefined {
    if (expression.kind === 'item') return this.ofItem(expression).guard
    if (expression.kind === 'not') return undefined
    const guards = expression.of.map((one) => this.guardOf(one))
    if (expression.kind === 'and')
      return guards.reduce((best, guard) => (guard && (!best || guard.width < best.width) ? guard : best), undefined)
    const [first] = guards
    if (!first || guards.some((guard) => guard?.column !== first.column)) return undefined
    const some = guards as Guard[]
    return {
      column: first.column,
      holds: (number) => some.some((guard) => guard.holds(number)),
      width: some.reduce((sum, { width }) => sum + width, 0),
    }
  }

  private cost(expression: Expression): number {
    const costs = itemsOf(expression).map((item) => (this.isOfOneKey(item) ? (asksForMinutes(item) ? 2 : 1) : 100))
    return costs.reduce((sum, cost) => sum + cost, 0)
  }

  private isOfOneKey(item: Item): boolean {
    return item.field !== undefined && !item.field.includes('.') && fieldsOf(item)?.length === 1
  }

  private ofItem({ item, matches }: Expression & { kind: 'item' }): { test: Test; guard?: Guard } {
    const name = nameOf(item)
    const known = this.tests.get(name)
    if (known) return known
    const made = this.make(item, matches)
    this.tests.set(name, made)
    return made
  }

  private make(item: Item, matches: (Expression & { kind: 'item' })['matches']): { test: Test; guard?: Guard } {
    const { subject } = this
    if (item.field === undefined) return { test: () => matches(subject.whole()) }
    if (!this.isOfOneKey(item)) return { test: () => matches(subject.narrow()) }
    const minutes = asksForMinutes(item)
    const column = this.column(item.field, minutes)
    const test = column.test(matches)
    return { test, ...(!minutes && { guard: { column, holds: test, width: widthOf(item) } }) }
  }
}
