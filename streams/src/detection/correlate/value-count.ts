import { fieldValues } from '../sigma/fields.js'
import type { RuleEvent } from '../sigma/rule.js'
import type { Operator } from './operator.js'

/** How many different values of a field, or different tuples of several. Each element of a list counts. */
export const valueCount: Operator = {
  type: 'value_count',
  holds: true,
  values: (rule, _via, event) => tuples(rule.field, event),
  aggregate: () => {
    const seen = new Map<unknown, number>()
    return {
      add: ({ value }) => seen.set(value, (seen.get(value) ?? 0) + 1),
      remove: ({ value }) => {
        const left = (seen.get(value) ?? 0) - 1
        if (left > 0) seen.set(value, left)
        else seen.delete(value)
      },
      value: () => seen.size,
    }
  },
}

const tuples = (fields: string[], event: RuleEvent): string[] => {
  const [only] = fields
  if (only !== undefined && fields.length === 1) return distinct(only, event)
  let rows: string[][] = [[]]
  for (const field of fields) rows = rows.flatMap((row) => distinct(field, event).map((value) => [...row, value]))
  return rows.map((row) => JSON.stringify(row))
}

const distinct = (field: string, event: RuleEvent): string[] => [...new Set(fieldValues(event, field).map(String))]
