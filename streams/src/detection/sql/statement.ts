import { isByActor, plantTree, type RuleTree } from '../correlate/index.js'
import type { CorrelationRule, Rule } from '../sigma/rule.js'
import { Columns } from './columns.js'
import type { History } from './history.js'
import { foldAnyLambda } from './fold.js'
import { expressionSql } from './item.js'
import { type NodeContext, nodeSteps, type Step } from './node.js'
import { literals, or } from './quote.js'
import { Unsupported } from './unsupported.js'

/** `start`: from where events are read. `from`, `to`: the period of the alerts. `whole`: nothing came before `start`. */
const statementParams = {
  start: "DateTime64(3, 'UTC')",
  from: "DateTime64(3, 'UTC')",
  to: "DateTime64(3, 'UTC')",
  whole: 'Bool',
} as const

export interface Statement {
  sql: string
  /** what is bound to it, and its type */
  params: typeof statementParams
  /** so long after `start` firings are certain, because their windows were read whole */
  lookbackMs: number
}

/** A freeze that was lifted resets the account's windows of rules that freeze. */
const resetsByLift = ({ root }: RuleTree): boolean => root.custodia.respond.some((response) => response.do === 'freeze')

/** The whole rule as one SELECT: a row for each alert. Throws `Unsupported` where it would not be exact. */
export const compileRule = (root: Rule, rules: readonly Rule[], history: History): Statement => {
  const tree = plantTree(root, rules)
  const columns = new Columns(history.source)
  const matches = new Map(tree.bases.map((base, i) => [base.name, `m${i}`]))
  const conditions = tree.bases.map((base) => expressionSql(base.expression, history.source))
  const epochs = history.lifts !== undefined && resetsByLift(tree) && isByActor(tree)
  if (epochs && tree.nodes.some((node) => 'actor' in node.aliases))
    throw new Unsupported('the actor is an alias, and lifts reset by actor')

  const probes = root.custodia.hold && root.custodia.mode === 'live'
  const fired = new Map<CorrelationRule, string>()
  const steps: Step[] = []
  const context: NodeContext = { tree, columns, matches, fired, probes }
  const actor = columns.group('actor')
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
  const events = `SELECT _id, _at, if(_direct, _pos, ${history.lifts === undefined ? '_pos' : '0'}) AS _pos, _direct AS _own, _probe, ${epochs ? epoch(actor) : 'toUInt64(0)'} AS _epoch,
  ${[...matches.values(), ...columns.all()].join(', ')}
FROM (SELECT *, _own AND ${isByActor(tree) ? 'true' : 'false'} AS _direct, ${[...named, ...columns.list()].join(',\n  ')}
  FROM (SELECT *${history.source
    .columns()
    .map((column) => `, ${column}`)
    .join('')} FROM (${history.rows(root)}))
  WHERE ${or([...matches.values()])})${epochs ? ` AS _event LEFT ANY JOIN lifts AS _lift ON _subject = ${actor}[1]` : ''}`

  const all: Step[] = [...(epochs ? [['lifts', history.lifts!] as Step] : []), ['events', events], ...steps]
  const { lookbackMs } = tree
  const folds = conditions.some((condition) => condition.includes('fold_any(')) ? [foldAnyLambda()] : []
  const withs = [...folds, ...history.source.lambdas, ...all.map(([name, select]) => `${name} AS (\n${select}\n)`)]
  const sql = `WITH ${withs.join(', ')}
${alertsOf(root, lookbackMs)}`
  return { sql, params: statementParams, lookbackMs }
}

const epoch = (actor: string): string =>
  `if(_direct AND notEmpty(${actor}), toUInt64(arrayCount(l -> l <= _pos, _lifts)), toUInt64(0))`

/** A rule without correlation: each match fires, in the group of its actor, or of its address. */
const single = (columns: Columns, actor: string): string => {
  const ip = columns.group('ip')
  return `SELECT _id, _at, _pos, _own, _epoch, if(notEmpty(${actor}), ${actor}, ${ip}) AS _g,
  if(notEmpty(${actor}), 'actor', 'ip') AS _name, toFloat64(1) AS _value FROM events WHERE m0`
}

const ms = (name: string): string => `toUnixTimestamp64Milli({${name}:DateTime64(3, 'UTC')})`

/**
 * The first firing of a group, then none until the suppression has passed. Where that stood when reading began is known only
 * from a firing on that none came before for as long: `unsure` says that a firing of the period came earlier than that.
 */
const alertsOf = (root: Rule, lookbackMs: number): string => {
  const suppressMs = root.custodia.suppressSeconds * 1000
  const known = `if({whole:Bool}, toInt64(${-BEFORE_ALL}), ${ms('start')} + ${lookbackMs})`
  const names =
    root.kind === 'correlation' ? `[${literals(root.groupBy)}]` : 'arrayFilter(x -> notEmpty(group_values), [_alert.5])'
  return `SELECT ${root.kind === 'correlation' && !root.groupBy.length ? 'emptyArrayString()' : names} AS group_by, group_values,
  fromUnixTimestamp64Milli(_alert.1, 'UTC') AS at, _alert.3 AS event_id, _alert.4 AS value, firings, unsure
FROM (
  SELECT _g AS group_values, ${suppressMs ? 'arrayFilter((f, n) -> f.1 >= _from AND bitmapContains(_firsts, n), _all, _numbers)' : 'arrayFilter(f -> f.1 >= _from, _all)'} AS _alerts,
    arrayCount(t -> t >= _from, _times) AS firings,
    arrayMap((t, before) -> t - before >= ${suppressMs}, _times, arrayPushFront(arrayPopBack(_times), ${known})) AS _afresh,
    NOT has(arraySlice(_afresh, 1, arrayFirstIndex(t -> t >= _from, _times)), true) AS unsure
  FROM (
    SELECT *, ${ms('from')} AS _from${suppressMs ? `, ${firstsOf(suppressMs)} AS _firsts` : ''}
    FROM (
      SELECT _g, arraySort(groupArray((_at, _pos, _id, _value, _name))) AS _all, arrayMap(f -> f.1, _all) AS _times, arrayEnumerate(_all) AS _numbers
      FROM fired WHERE _at >= ${known} GROUP BY _own, _epoch, _g
    )
  )
  WHERE firings > 0
) LEFT ARRAY JOIN _alerts AS _alert
ORDER BY at, event_id`
}

/** Numbers of a group's firings that alert, as a bitmap: a lambda gets a copy of every array that it only looks into. */
const firstsOf = (suppressMs: number): string =>
  `bitmapBuild(arrayFold((kept, t, n) -> if(t >= kept.1 + ${suppressMs}, (t, arrayPushBack(kept.2, n)), kept),
      _times, _numbers, (toInt64(${-BEFORE_ALL}), emptyArrayUInt32())).2)`

/** Milliseconds before everything that happened. */
const BEFORE_ALL = 1e15
