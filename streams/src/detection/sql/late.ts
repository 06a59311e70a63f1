import { countsLateMs, routeOf, type RuleTree } from '../correlate/index.js'
import type { Columns } from './columns.js'
import { literal } from './quote.js'
import { replayIf } from './unsupported.js'

/** How a statement treats what came late to its key, or when that was forgotten: by the steps `late` and `afresh`, see `history.ts`. */
export interface LateSql {
  /** joined to the events; each is then `_late`, or it is not, and `_begun` says since when the rule knew its key */
  join(events: string): string
  /** what is counted all the same */
  counted: string
}

/**
 * An event, known by its id and its receipt, that is not judged at its actor's own place may have come late to the key under which this rule counts it. With
 * aliases it may have several keys, and places: a replay gives it all of them.
 */
export const lateSql = (tree: RuleTree, columns: Columns): LateSql => {
  const key = routeKeySql(tree, columns)
  if (key === undefined)
    return {
      join: (events) =>
        `SELECT *, false AS _late, toInt64(0) AS _late_at, '' AS _after, toUInt64(0) AS _nth, toUInt64(0) AS _begun FROM (${events})`,
      counted: replayIf(
        `NOT _direct AND ((_id, appended_at) GLOBAL IN (SELECT _late_id, _late_received FROM late)
    OR ifNull(${received} >= (SELECT minOrNull(arrayMin(_sinces)) FROM afresh), false))`,
        'an event of several groups came late',
      ),
    }
  const [ours, others] = [true, false].map((each) => countsLateMs(tree, each))
  return {
    join: (
      events,
    ) => `SELECT *, if(_direct, toUInt64(0), arrayMax(arrayPushBack(arrayFilter(since -> since <= ${received}, _sinces), toUInt64(0)))) AS _begun
FROM (
  SELECT *, NOT _direct AND _nth > 0 AS _late FROM (${events}) AS _event
  LEFT ANY JOIN late AS _mark ON _id = _late_id AND appended_at = _late_received AND ${key} = _late_key
) AS _placed LEFT ANY JOIN afresh AS _life ON if(_direct, '-', ${key}) = _afresh_key`,
    counted: `(NOT _late OR _late_at - _at <= if(source = 'custodia', ${ours}, ${others}))`,
  }
}

const received = 'toUInt64(toUnixTimestamp64Milli(appended_at))'

/** The key of an event, as `routeKey` writes it; undefined where it depends on what the event matches. */
const routeKeySql = (tree: RuleTree, columns: Columns): string | undefined => {
  if (tree.root.kind === 'detection') {
    const [actor, ip] = ['actor', 'ip'].map((name) => columns.group(name))
    return `if(notEmpty(${actor}), concat('actor=', ${actor}[1]), concat('ip=', ${ip}[1]))`
  }
  const [route, ...others] = tree.bases.map((base) => routeOf(tree, base))
  if (others.some((other) => other.some(([, field], i) => field !== route?.[i]?.[1]))) return undefined
  const parts = (route ?? []).map(([name, field]) => `concat(${literal(`${name}=`)}, ${columns.group(field)}[1])`)
  return parts.length > 1 ? `concat(${parts.join(String.raw`, '\n', `)})` : (parts[0] ?? `''`)
}
