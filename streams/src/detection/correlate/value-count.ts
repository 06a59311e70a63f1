import type { Scalar } from '../sigma/fields.js'
import { countedValues } from './counted-field.js'
import { distinct } from './distinct.js'
import type { Operator } from './operator.js'

/** How many different values of a field, or different tuples of several. Each element of a list counts. */
export const valueCount: Operator = {
  type: 'value_count',
  holds: true,
  kind: 'text',
  values: (rule, via, event, child) => tuples(rule.field.map((name) => countedValues(rule, name, via, event, child))),
  aggregate: distinct,
}

const tuples = (fields: Scalar[][]): string[] => {
  const [only] = fields
  if (only !== undefined && fields.length === 1) return different(only)
  let rows: string[][] = [[]]
  for (const values of fields) rows = rows.flatMap((row) => different(values).map((value) => [...row, value]))
  return rows.map((row) => JSON.stringify(row))
}

const different = (values: Scalar[]): string[] =>
  values.length > 1 ? [...new Set(values.map(String))] : values.map(String)
