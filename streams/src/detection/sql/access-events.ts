import type { AccessEvent } from '@custodia/contracts'
import { asJsText, type Leaf, numbersIn } from './leaf.js'
import { literal } from './quote.js'
import type { Field, Source } from './source.js'
import { Unsupported } from './unsupported.js'

/** `id`: a text that is never empty. `code`: one of a few words in small ASCII letters. `time`: its text is in `raw` alone. */
type Kind = 'text' | 'id' | 'code' | 'texts' | 'whole' | 'number' | 'flag' | 'time'

/** How the audit store keeps each field of an access event; as the engine sees it, the outcome being the final one. */
const kinds: Readonly<Record<keyof AccessEvent, Kind>> = {
  id: 'id',
  v: 'whole',
  time: 'time',
  source: 'id',
  actor: 'id',
  actor_role: 'text',
  team: 'text',
  branch: 'text',
  action: 'code',
  outcome: 'code',
  reason: 'text',
  subject: 'id',
  customer_id: 'id',
  record_id: 'id',
  record_ids: 'texts',
  part_of: 'id',
  fields: 'texts',
  count: 'whole',
  bytes: 'whole',
  purpose: 'text',
  approval_id: 'id',
  ip: 'text',
  country: 'text',
  city: 'text',
  asn: 'whole',
  device: 'text',
  user_agent: 'text',
  session: 'text',
  factor: 'code',
  off_hours: 'flag',
  workday: 'flag',
  calendar: 'text',
  new_device: 'flag',
  relation: 'text',
  segment: 'text',
  moved: 'texts',
  run: 'whole',
  idle_days: 'whole',
  canary: 'flag',
  amount: 'number',
  demo: 'flag',
  drill: 'flag',
  request_id: 'text',
  writer: 'text',
  seq: 'whole',
  prev: 'text',
}

/** ClickHouse keeps no difference between missing and empty; the exact bytes do. */
const inRaw = (name: string): string => `JSONHas(raw, ${literal(name)})`

const scalar = (leaf: Leaf, present: string): Field => ({
  present,
  nothing: present === 'true' ? 'false' : `NOT (${present})`,
  any: (test) => test(leaf),
  texts: () => `if(${present}, [${asJsText(leaf)}], emptyArrayString())`,
  numbers: () => `if(${present}, ${numbersIn(leaf)}, emptyArrayFloat64())`,
})

/** A number or flag: missing is NULL, which no condition may become. */
const nullable = (type: Leaf['type'], column: string): Field => {
  const present = `isNotNull(${column})`
  const field = scalar({ type, sql: `assumeNotNull(${column})` }, present)
  return { ...field, any: (test) => `(${present} AND ${field.any(test)})` }
}

const list = (column: string): Field => {
  const leaf: Leaf = { type: 'text', sql: 'x' }
  const present = `(notEmpty(${column}) OR ${inRaw(column)})`
  return {
    list: true,
    present,
    nothing: `NOT ${present}`,
    any: (test, as = 'x') => `arrayExists(${as} -> ${test({ type: 'text', sql: as })}, ${column})`,
    texts: () => `arrayMap(x -> toString(x), ${column})`,
    numbers: () => `arrayFlatten(arrayMap(x -> ${numbersIn(leaf)}, ${column}))`,
  }
}

const fieldOf = (name: string, kind: Kind): Field => {
  switch (kind) {
    case 'id':
      return scalar({ type: 'text', sql: name }, `${name} != ''`)
    case 'code':
      return scalar({ type: 'text', sql: name, lower: true }, `${name} != ''`)
    case 'text':
      return scalar({ type: 'text', sql: name }, `(${name} != '' OR ${inRaw(name)})`)
    case 'time':
      return scalar({ type: 'text', sql: `JSONExtractString(raw, ${literal(name)})` }, 'true')
    case 'texts':
      return list(name)
    default:
      return name === 'v' ? scalar({ type: kind, sql: name }, 'true') : nullable(kind, name)
  }
}

/** Access events in the audit store's columns. */
export const accessEventSource: Source = {
  field: (name) => {
    if (/^(baseline|risk)\./.test(name)) throw new Unsupported('what is usual is worked out by the engine')
    return Object.hasOwn(kinds, name) ? fieldOf(name, kinds[name as keyof AccessEvent]) : undefined
  },
  anywhere: (test) =>
    `(${(Object.entries(kinds) as [string, Kind][])
      .map(([name, kind]) => {
        const field = fieldOf(name, kind)
        const holds = field.any(test)
        return kind === 'text' || kind === 'id' || kind === 'code' ? `(${field.present} AND ${holds})` : holds
      })
      .join(' OR ')})`,
  columns: () => [],
  lambdas: [],
}
