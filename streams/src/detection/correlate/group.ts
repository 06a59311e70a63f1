import { fieldReader, fieldValues } from '../sigma/fields.js'
import type { CorrelationRule, RuleEvent } from '../sigma/rule.js'
import { type ChildGroup, fieldFor } from './counted-field.js'

export interface Group {
  key: string
  fields: Record<string, string>
}

/** One group of values; the key tells apart what several values joined would not. */
export const groupOf = (fields: Record<string, string>): Group => ({ key: groupKey(Object.values(fields)), fields })

export const groupKey = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] as string) : JSON.stringify(values)

/** The value of a group-by field, a list as one value; undefined: the event has none and is not counted. */
export const groupValue = (event: RuleEvent, field: string): string | undefined => {
  const values = fieldValues(event, field)
  return values.length > 1 ? JSON.stringify(values) : values.length ? String(values[0]) : undefined
}

/**
 * The group of a match. `child` is the group of the correlation that fired, when the match is one: its values go before
 * the firing event's own.
 */
export const groupBy = (
  rule: CorrelationRule,
  via: string,
  event: RuleEvent,
  child?: ChildGroup,
): Group | undefined => {
  const fields: Record<string, string> = {}
  for (const name of rule.groupBy) {
    const field = fieldFor(rule, name, via)
    const value = child && Object.hasOwn(child, field) ? child[field] : groupValue(event, field)
    if (value === undefined) return undefined
    fields[name] = value
  }
  return groupOf(fields)
}

/** How to read the group of a correlation over single events when it is one field, which is the commonest; else undefined. */
export const singleGroup = (
  rule: CorrelationRule,
  via: string,
): ((event: RuleEvent) => string | undefined) | undefined => {
  const [name] = rule.groupBy
  if (name === undefined || rule.groupBy.length > 1) return undefined
  const field = fieldFor(rule, name, via)
  const read = fieldReader(field)
  return (event) => {
    const value = read(event)
    return typeof value === 'string' ? value : groupValue(event, field)
  }
}

/** A rule without correlation has no group-by: its alerts are suppressed by actor, or by address where there is none. */
export const groupOfSingle = (event: RuleEvent): Group => {
  for (const name of ['actor', 'ip']) {
    const value = groupValue(event, name)
    if (value !== undefined) return groupOf({ [name]: value })
  }
  return groupOf({})
}
