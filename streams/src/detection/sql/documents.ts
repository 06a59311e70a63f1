import { asJsText, type Leaf, numbersIn } from './leaf.js'
import { literal } from './quote.js'
import type { Field, Source } from './source.js'
import { replayIf, Unsupported } from './unsupported.js'

/** Lists in lists, and objects in objects for keywords, are followed this deep; deeper ones are replayed. */
const DEPTH = 4
const MOST_PARTS = 8

const opened = (list: string, depth: number, containers: string, open: string): string => {
  let sql = list
  for (let level = 0; level < depth; level++) sql = `arrayFlatten(arrayMap(r -> ${open}, ${sql}))`
  const deeper = replayIf(
    `arrayExists(r -> match(r, '^${containers}'), l)`,
    'values are nested deeper than is followed',
  )
  return `arrayFlatten(arrayMap(l -> if(${deeper}, l, l), [${sql}]))`
}

/** Whole numbers that a number does not tell from their neighbours are texts of their digits, as the engine reads them. */
const beyond = (r: string): string =>
  `match(${r}, '^-?[0-9]{16,}$') AND abs(toFloat64OrZero(${r})) > ${Number.MAX_SAFE_INTEGER}`

/** What statements over documents call: JSON values with lists taken apart, everything inside one, values that are not null. */
const lambdas = [
  `(list -> ${opened('list', DEPTH, '\\\\[', `if(startsWith(r, '['), JSONExtractArrayRaw(r), [r])`)}) AS json_values`,
  `(document -> ${opened(
    '[document]',
    2 * DEPTH,
    '[\\\\[{]',
    `multiIf(startsWith(r, '{'), arrayMap(kv -> kv.2, JSONExtractKeysAndValuesRaw(r)), startsWith(r, '['), JSONExtractArrayRaw(r), [r])`,
  )}) AS json_inside`,
  `(list -> arrayMap(r -> multiIf(startsWith(r, '"'), ('s', JSONExtractString(r), toFloat64(0)), r IN ('true', 'false'), ('b', '', toFloat64(r = 'true')), ${beyond('r')}, ('s', r, toFloat64(0)), ('n', '', toFloat64OrZero(r))), arrayFilter(r -> r != 'null' AND NOT startsWith(r, '{'), list))) AS json_leaves`,
]

/** As the engine reads a name: a literal key first, then the longest part of it before a dot. */
const splits = (name: string): [key: string, rest: string][] => {
  const found: [string, string][] = []
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1))
    found.push([name.slice(0, dot), name.slice(dot + 1)])
  return found
}

const at = (document: string, key: string): string => `json_values([JSONExtractRaw(${document}, ${literal(key)})])`
const has = (document: string, key: string): string => `JSONHas(${document}, ${literal(key)})`
const objects = (document: string, key: string): string => `arrayFilter(r -> startsWith(r, '{'), ${at(document, key)})`

/** Values of a field as JSON, lists taken apart. */
const values = (document: string, name: string, depth = 0): string => {
  const o = `o${depth}`
  const inside = ([key, rest]: [string, string]): string =>
    `${has(document, key)}, arrayFlatten(arrayMap(${o} -> ${values(o, rest, depth + 1)}, ${objects(document, key)}))`
  return `multiIf(${[`${has(document, name)}, ${at(document, name)}`, ...splits(name).map(inside)].join(', ')}, emptyArrayString())`
}

const present = (document: string, name: string, depth = 0): string => {
  const o = `o${depth}`
  const inside = ([key, rest]: [string, string]): string =>
    `${has(document, key)}, arrayExists(${o} -> ${present(o, rest, depth + 1)}, ${objects(document, key)})`
  return `multiIf(${[`${has(document, name)}, true`, ...splits(name).map(inside)].join(', ')}, false)`
}

/** Each kind of leaf in its own way. */
const each = (x: string, of: (leaf: Leaf) => string): string =>
  `multiIf(${x}.1 = 's', ${of({ type: 'text', sql: `${x}.2` })}, ${x}.1 = 'b', ${of({ type: 'flag', sql: `(${x}.3 = 1)` })}, ${of({ type: 'number', sql: `${x}.3` })})`

/** Any JSON events, one document a row in the column `doc`. */
export const documentSource = (): Source => {
  const names: string[] = []
  const columns = new Map<string, string>()
  const any = (list: string, test: (leaf: Leaf) => string, as = 'x'): string =>
    `arrayExists(${as} -> ${each(as, test)}, ${list})`
  const field = (name: string): Field => {
    // each dot doubles the places where its value may stand
    if (name.split('.').length > MOST_PARTS) throw new Unsupported('a field name has more than 8 parts')
    if (!names.includes(name)) names.push(name)
    const column = `f${names.indexOf(name)}`
    const raw = `${column}_raw`
    columns.set(
      column,
      `(${present('doc', name)}, ${values('doc', name)}) AS ${raw}, json_leaves(${raw}.2) AS ${column}`,
    )
    return {
      present: `${raw}.1`,
      nothing: `(NOT ${raw}.1 OR has(${raw}.2, 'null'))`,
      any: (test, as) => any(column, test, as),
      texts: () => `arrayMap(x -> ${each('x', asJsText)}, ${column})`,
      numbers: () => `arrayFlatten(arrayMap(x -> ${each('x', numbersIn)}, ${column}))`,
    }
  }
  return {
    field,
    anywhere: (test) => {
      columns.set('everything', 'json_leaves(json_inside(doc)) AS everything')
      return any('everything', test)
    },
    columns: () => [...columns.values()],
    lambdas,
  }
}
