import { fieldValues } from '../sigma/fields.js'
import type { RuleEvent } from '../sigma/rule.js'
import { distinct } from './distinct.js'
import type { Operator } from './operator.js'

/** How many different values of a field, or different tuples of several. Each element of a list counts. */
export const valueCount: Operator = {
  type: 'value_count',
  holds: true,
  values: (rule, _via, event) => tuples(rule.field, event),
  aggregate: distinct,
}

const tuples = (fields: string[], event: RuleEvent): string[] => {
  const [only] = fields
  if (only !== undefined && fields.length === 1) return valuesOf(only, event)
  let rows: string[][] = [[]]
  for (const field of fields) rows = rows.flatMap((row) => valuesOf(field, event).map((value) => [...row, value]))
  return rows.map((row) => JSON.stringify(row))
}

const valuesOf = (field: string, event: RuleEvent): string[] => {
  const values = fieldValues(event, field)
  return values.length > 1 ? [...new Set(values.map(String))] : values.map(String)
}
