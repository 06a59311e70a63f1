import { isByActor, plantTree, type RuleTree } from '../correlate/index.js'
import type { CorrelationRule, Rule } from '../sigma/rule.js'
import { Columns } from './columns.js'
import type { History } from './history.js'
import { foldAnyLambda } from './fold.js'
import { expressionSql } from './item.js'
import { type LateSql, lateSql } from './late.js'
import { type NodeContext, nodeSteps, type Step } from './node.js'
import { literal, literals, or } from './quote.js'

/**
 * `start`: from where events are read. `since`: from where firings count, their windows being read whole. `from`, `to`: the
 * period of the alerts. `unknown_before`: what fired earlier than that is not known.
 */
const statementParams = {
  start: "DateTime64(3, 'UTC')",
  since: "DateTime64(3, 'UTC')",
  from: "DateTime64(3, 'UTC')",
  to: "DateTime64(3, 'UTC')",
  unknown_before: "DateTime64(3, 'UTC')",
} as const

export interface Statement {
  sql: string
  /** the same, told what fired before `since`, as the rows of an earlier stretch tell it; too long to be bound */
  after(ends: readonly GroupEnd[]): string
  /** what is bound to it, and its type */
  params: typeof statementParams
  /** so long after `start` windows are whole */
  lookbackMs: number
}

/** How a group was when a stretch ended. */
export interface GroupEnd {
  key: string
  /** time and place of its last firing */
  last: number
  last_pos: number
  /** whether it is known which of its firings alert */
  certain: boolean | 0 | 1
  /** time of its last alert */
  alerted: number
}

/** A freeze that was lifted resets the account's windows of rules that freeze. */
const resetsByLift = ({ root }: RuleTree): boolean => root.custodia.respond.some((response) => response.do === 'freeze')

/** The whole rule as one SELECT: a row for each alert. Throws `Unsupported` where it would not be exact. */
export const compileRule = (root: Rule, rules: readonly Rule[], history: History): Statement => {
  const tree = plantTree(root, rules)
  const source = history.source()
  const columns = new Columns(source)
  const matches = new Map(tree.bases.map((base, i) => [base.name, `m${i}`]))
  const conditions = tree.bases.map((base) => expressionSql(base.expression, source))
  const epochs = history.lifts !== undefined && resetsByLift(tree) && isByActor(tree)

  const probes = root.custodia.hold && root.custodia.mode === 'live'
  const fired = new Map<CorrelationRule, string>()
  const steps: Step[] = []
  const context: NodeContext = { tree, columns, matches, fired, probes }
  const actor = columns.group('actor')
  const late = history.late && lateSql(tree, columns)
  if (root.kind === 'detection') steps.push(['fired', single(columns, actor)])
  // columns are asked for by all nodes before any of them is written: rows carry them from the beginning
  for (const pass of root.kind === 'detection' ? [] : ['ask', 'write'])
    for (const [i, node] of tree.nodes.entries()) {
      const name = node === root ? 'fired' : `fired${i}`
      fired.set(node, name)
      const own = nodeSteps(node, name, context)
      if (pass === 'write') steps.push(...own)
    }
  const named = conditions.map((condition, i) => `${condition} AS m${i}`)
  const matching = `SELECT *, _own AND ${isByActor(tree) ? 'true' : 'false'} AS _direct, ${[...named, ...columns.list()].join(',\n  ')}
  FROM (SELECT *${source
    .columns()
    .map((column) => `, ${column}`)
    .join('')} FROM (${history.rows(tree)}))
  WHERE ${or([...matches.values()])}`
  const begun = late ? '_begun' : 'toUInt64(0)'
  const { rows, at, pos, order } = late ? inOrder(late, matching) : { rows: matching, ...asTheyCome(history) }
  const events = `SELECT _id, ${at} AS _at, ${pos} AS _pos, ${order} AS _order, _direct AS _own, _probe, ${epochs ? epoch(actor, begun) : begun} AS _epoch,
  ${[...matches.values(), ...columns.all()].join(', ')}
FROM (${rows})${epochs ? ` AS _event LEFT ANY JOIN lifts AS _lift ON _subject = ${actor}[1]` : ''}`

  const all: Step[] = [
    ...(late ? Object.entries(history.late!(tree)) : []),
    ...(epochs ? [['lifts', history.lifts!(root)] as Step] : []),
    ['events', events],
    ...steps,
  ]
  const { lookbackMs } = tree
  const folds = conditions.some((condition) => condition.includes('fold_any(')) ? [foldAnyLambda()] : []
  const withs = [...folds, ...source.lambdas, ...all.map(([name, select]) => `${name} AS (\n${select}\n)`)]
  const after = (ends: readonly GroupEnd[]): string => `WITH ${withs.join(', ')}
${alertsOf(root, ends)}`
  return { sql: after([]), after, params: statementParams, lookbackMs }
}

/** Where a row stands: by `_at`, `_order`, `_pos`. */
interface Order {
  at: string
  pos: string
  order: string
}

/** An actor's own events by their offsets, other accesses by their ids, and documents by their positions. */
const asTheyCome = ({ lifts }: History): Order => ({
  at: '_at',
  pos: lifts ? 'if(_direct, _pos, 0)' : '_pos',
  order: `''`,
})

/**
 * An actor's own events are in order of their offsets, all others in order of their ids. What came late was judged behind
 * another event, at that one's time.
 */
const inOrder = ({ join, counted }: LateSql, matching: string): Order & { rows: string } => ({
  rows: `SELECT * EXCEPT (_at), if(_late, _late_at, _at) AS _judged_at FROM (${join(matching)})
  WHERE ${counted} AND _judged_at >= ${ms('start')} AND _judged_at < ${ms('to')}`,
  at: '_judged_at',
  pos: 'multiIf(_direct, _pos, _late, _nth, 0)',
  order: `multiIf(_direct, '', _late, _after, _id)`,
})

/** The place behind the last lift: the same in every stretch that reads this lift. Elsewhere, since when the key was known. */
const epoch = (actor: string, begun: string): string =>
  `if(_direct AND notEmpty(${actor}), arrayMax(arrayPushBack(arrayMap(l -> l + 1, arrayFilter(l -> l <= _pos, _lifts)), toUInt64(0))), ${begun})`

/** A rule without correlation: each match fires, in the group of its actor, or of its address. */
const single = (columns: Columns, actor: string): string => {
  const ip = columns.group('ip')
  return `SELECT _id, _at, _order, _pos, _own, _epoch, if(notEmpty(${actor}), ${actor}, ${ip}) AS _g,
  if(notEmpty(${actor}), 'actor', 'ip') AS _name, toFloat64(1) AS _value FROM events WHERE m0`
}

const ms = (name: string): string => `toUnixTimestamp64Milli({${name}:DateTime64(3, 'UTC')})`

/**
 * The first firing of a group, then none until the suppression has passed. Where that stood when reading began is known only
 * from a firing on that none came before for as long: `unsure` says that a firing of the period came earlier than that. Groups
 * whose suppression may reach beyond the period have a row even without an alert, and each row tells how its group ends: one
 * that began afresh by itself.
 */
const alertsOf = (root: Rule, before: readonly GroupEnd[]): string => {
  const suppressMs = root.custodia.suppressSeconds * 1000
  const names =
    root.kind === 'correlation' ? `[${literals(root.groupBy)}]` : 'arrayFilter(x -> notEmpty(group_values), [_alert.6])'
  const grouped = `SELECT _own, _epoch, _g, arraySort(groupArray((_at, _order, _pos, _id, _value, _name))) AS _all
      FROM fired WHERE _at >= ${ms('since')} GROUP BY _own, _epoch, _g`
  const ends = `lower(hex(sipHash128(toString((_own, if(_own, 0, _epoch), _g))))) AS key, _all[-1].1 AS last, _all[-1].3 AS last_pos`
  const shown = `SELECT ${root.kind === 'correlation' && !root.groupBy.length ? 'emptyArrayString()' : names} AS group_by, group_values,
  fromUnixTimestamp64Milli(_alert.1, 'UTC') AS at, _alert.4 AS event_id, _alert.5 AS value, unsure, key, last, last_pos, certain, alerted`
  if (!suppressMs)
    return `${shown}
FROM (
  SELECT _g AS group_values, false AS unsure, true AS certain, last AS alerted, *
  FROM (SELECT *, ${ends}, arrayFilter(f -> f.1 >= ${ms('from')}, _all) AS _alerts FROM (${grouped}))
  WHERE notEmpty(_alerts)
) ARRAY JOIN _alerts AS _alert
ORDER BY at, event_id`
  return `${shown}
FROM (
  SELECT _g AS group_values, key, last, last_pos, arrayFilter((f, n) -> f.1 >= _from AND bitmapContains(_firsts, n), _all, _numbers) AS _alerts,
    arrayFirstIndex(t -> t >= _from, _times) AS _first,
    arrayMap((t, earlier) -> t - earlier >= ${suppressMs}, _times, arrayPushFront(arrayPopBack(_times), if(_goes_on, _last, ${ms('unknown_before')}))) AS _afresh,
    (_goes_on AND _certain) OR has(_afresh, true) AS certain,
    _first > 0 AND NOT ((_goes_on AND _certain) OR has(arraySlice(_afresh, 1, _first), true)) AS unsure,
    _kept.1 AS alerted
  FROM (
    SELECT *, ${ms('from')} AS _from, ${keptOf(suppressMs)} AS _kept, bitmapBuild(_kept.2) AS _firsts
    FROM (
      SELECT *, _key != '' AND (NOT _own OR _epoch <= _last_pos) AS _goes_on, arrayMap(f -> f.1, _all) AS _times, arrayEnumerate(_all) AS _numbers
      FROM (SELECT *, ${ends} FROM (${grouped})) AS _group LEFT ANY JOIN (${earlier(before)}) AS _earlier ON key = _key
    )
  )
  WHERE _first > 0 OR last + ${suppressMs} > ${ms('to')}
) LEFT ARRAY JOIN _alerts AS _alert
ORDER BY at, event_id`
}

/** One literal, however many groups: ClickHouse counts what a statement is made of. */
const earlier = (ends: readonly GroupEnd[]): string => {
  const rows = ends.map(({ key, last, last_pos, certain, alerted }) =>
    [key, last, last_pos, Number(certain), alerted].join('.'),
  )
  return `SELECT _part[1] AS _key, toInt64(_part[2]) AS _last, toUInt64(_part[3]) AS _last_pos, _part[4] = '1' AS _certain, toInt64(_part[5]) AS _alerted
  FROM (SELECT splitByChar('.', arrayJoin(splitByChar('_', ${literal(rows.join('_'))}))) AS _part) WHERE length(_part) = 5`
}

/**
 * When a group alerted last, and the numbers of its firings that alert; they are looked up in a bitmap, because a lambda gets a
 * copy of every array that it only looks into.
 */
const keptOf = (suppressMs: number): string =>
  `arrayFold((kept, t, n) -> if(t >= kept.1 + ${suppressMs}, (t, arrayPushBack(kept.2, n)), kept),
      _times, _numbers, (if(_goes_on, _alerted, toInt64(${-BEFORE_ALL})), emptyArrayUInt32()))`

/** Milliseconds before everything that happened. */
const BEFORE_ALL = 1e15
