import { countedAs, fieldFor, type RuleTree } from '../correlate/index.js'
import type { CorrelationRule } from '../sigma/rule.js'
import type { Columns } from './columns.js'
import { numbersIn } from './leaf.js'
import { fewestEntries, firesSql, measureOf, notTooFull } from './measure.js'
import { and } from './quote.js'
import { replayIf } from './unsupported.js'

/** A name for a piece of a statement, and the piece. */
export type Step = [name: string, select: string]

/** What makes a window: the group, where it is judged, and since which lift, or since when its key was known. */
const PART = '_own, _epoch, _g'
const EVENT = '_id, _at, _order, _pos, _own, _epoch, _probe'
/**
 * A window ends at its row and not at the others of the same millisecond, so each row has a place of its own on the axis: a
 * millisecond has room for so many rows, and as much again on either side, where the beginnings of windows fall: far
 * enough from any row for arithmetic of Float64.
 */
const ROOM = 2 ** 12
const MILLISECOND = 4 * ROOM
/** Places above this could not be told apart any more: two years. */
const FARTHEST = 2 ** 50
/** ClickHouse wants the length of a window as a small whole number, so the axis is stretched until it is this. */
const LENGTH = 2 ** 30

const START = `toUnixTimestamp64Milli({start:DateTime64(3, 'UTC')})`

/** Values of a node's row, from the columns that an event carries. */
const valuesOf = (node: CorrelationRule, via: string, child: CorrelationRule | undefined, columns: Columns): string => {
  if (node.type.startsWith('temporal')) return `[toUInt8(${node.rules.indexOf(via)})]`
  if (node.type === 'event_count') return `['']`
  const read = node.field.map((name) => {
    const field = fieldFor(node, name, via)
    return { field, at: child?.groupBy.indexOf(field) ?? -1 }
  })
  if (node.type !== 'value_count') {
    const { field, at } = read[0]!
    return at < 0 ? columns.numbers(field) : numbersIn({ type: 'text', sql: `_g[${at + 1}]` })
  }
  const fields = read.map(({ field, at }) => (at < 0 ? columns.values(field) : `[_g[${at + 1}]]`))
  if (fields.length === 1) return fields[0]!
  const names = fields.map((_, i) => `x${i}`)
  return fields.reduceRight(
    (inner, field, i) => `arrayFlatten(arrayMap(${names[i]} -> ${inner}, ${field}))`,
    `[toString(tuple(${names.join(', ')}))]`,
  )
}

/** The group of a match: an array, and whether every field of it is there. A child's group goes before the event's own. */
const groupOf = (node: CorrelationRule, via: string, child: CorrelationRule | undefined, columns: Columns) => {
  const parts = node.groupBy.map((name) => {
    const field = fieldFor(node, name, via)
    const at = child?.groupBy.indexOf(field) ?? -1
    return at < 0 ? { column: columns.group(field) } : { value: `_g[${at + 1}]` }
  })
  const values = parts.map(({ column, value }) => value ?? `${column}[1]`)
  return {
    group: values.length ? `[${values.join(', ')}]` : 'emptyArrayString()',
    whole: and(parts.flatMap(({ column }) => (column ? [`notEmpty(${column})`] : []))),
  }
}

export interface NodeContext {
  tree: RuleTree
  columns: Columns
  /** SQL name of a base rule's condition */
  matches: ReadonlyMap<string, string>
  /** SQL name of what a correlation fired */
  fired: ReadonlyMap<CorrelationRule, string>
  probes: boolean
}

/** One correlation as steps; the last is what it fired: rows with `_g` and `_value`, and the events' columns. */
export const nodeSteps = (node: CorrelationRule, name: string, context: NodeContext): Step[] => {
  const { tree, columns, matches, fired } = context
  const children = new Map(tree.nodes.map((child) => [child.name, child]))
  const meanings = [...new Set(node.rules.map((via) => countedAs(node, via)))]
  const order = [...matches.keys(), ...children.keys()]
  const sources = node.rules.map((via) => {
    const child = children.get(via)
    const { group, whole } = groupOf(node, via, child, columns)
    const values = valuesOf(node, via, child, columns)
    const from = child ? fired.get(child)! : 'events'
    const where = and([...(child ? [] : [matches.get(via)!]), whole, `notEmpty(${values})`])
    return { from, group, values, where, source: meanings.indexOf(countedAs(node, via)), rank: order.indexOf(via) }
  })
  const carried = columns.all()
  const event = [EVENT, ...carried].join(', ')
  const rows = sources
    .map(
      ({ from, group, values, where, source, rank }) =>
        `SELECT ${event}, ${group} AS _g0, ${values} AS _v0, ${source} AS _meaning, ${rank} AS _rank FROM ${from} WHERE ${where}`,
    )
    .join('\n  UNION ALL ')
  const once = node.type.startsWith('temporal') ? 'arrayDistinct(groupArrayArray(_v0))' : onceEach(meanings.length)
  const merged =
    sources.length > 1
      ? `SELECT ${EVENT}${carried.map((column) => `, any(${column}) AS ${column}`).join('')}, _g0 AS _g, ${once} AS _v FROM (\n  ${rows}\n) GROUP BY ${EVENT}, _g0`
      : `SELECT ${event}, _g0 AS _g, _v0 AS _v FROM (${rows})`
  return [[`${name}_rows`, merged], ...windowSteps(node, name, context)]
}

/** Of matches that mean the same fields the first one counts, in the engine's order. */
const onceEach = (meanings: number): string => {
  const each = Array.from({ length: meanings }, (_, i) => `argMinIf(_v0, _rank, _meaning = ${i})`)
  return each.length > 1 ? `arrayConcat(${each.join(', ')})` : 'argMin(_v0, _rank)'
}

const windowSteps = (node: CorrelationRule, name: string, { probes }: NodeContext): Step[] => {
  const { over, value } = measureOf(node, probes)
  const window = `w AS (PARTITION BY ${PART} ORDER BY _k RANGE BETWEEN ${LENGTH} PRECEDING AND CURRENT ROW)`
  const scale = LENGTH / (node.timespanSeconds * 1000 * MILLISECOND + 2 * ROOM)
  const place = `(_at - ${START}) * ${MILLISECOND} + _tie`
  const tooMany = replayIf(`_tie >= ${ROOM}`, 'too many events of one millisecond')
  const tooFar = replayIf(`${place} < 0 OR ${place} > ${FARTHEST}`, 'the period is longer than two years')
  const adds = probes ? 'if(_probe, 0, length(_v))' : 'length(_v)'
  const own = probes ? ' + if(_probe, length(_v), 0)' : ''
  const fewest = fewestEntries(node)
  return [
    [
      `${name}_placed`,
      `SELECT *, if(${tooMany} AND ${tooFar}, toFloat64(${place}) * ${scale}, 0) AS _k FROM (
  SELECT *, toInt64(row_number() OVER (PARTITION BY ${PART}, _at ORDER BY _order, _pos, _id)) - 1 AS _tie FROM ${name}_rows)`,
    ],
    [
      `${name}_sums`,
      `SELECT *, toInt64(sum(${adds}) OVER (PARTITION BY ${PART} ORDER BY _k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS _sum FROM ${name}_placed`,
    ],
    [
      `${name}_counted`,
      `SELECT *, _sum - nth_value(_sum - ${adds}, 1) OVER w${own} AS _entries FROM ${name}_sums WINDOW ${window}`,
    ],
    [
      `${name}_groups`,
      `SELECT * FROM (SELECT *, max(_entries) OVER (PARTITION BY ${PART}) AS _most FROM ${name}_counted) WHERE _most >= ${fewest} AND ${notTooFull}`,
    ],
    [
      `${name}_windows`,
      `SELECT *${over.map((column) => `, ${column}`).join('')} FROM ${name}_groups${over.length ? ` WINDOW ${window}` : ''}`,
    ],
    [
      name,
      `SELECT * FROM (SELECT *, toFloat64(${value}) + 0 AS _value, '' AS _name FROM ${name}_windows) WHERE ${firesSql(node)}`,
    ],
  ]
}
