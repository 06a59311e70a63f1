import { RuleError } from '../rule-error.js'
import type { TimePart, Value } from '../value.js'
import { rangeOf } from '../time-part.js'
import { type Modifier, needNumber, needUnmodified, replaceValues } from './modifier.js'

/** `minute hour day week month year`: a part of the field's time is compared, also by `hour|gte`. */
export const timePart: Modifier = {
  names: ['minute', 'hour', 'day', 'week', 'month', 'year'] satisfies TimePart[],
  apply(item, name) {
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const number = needNumber(value, name)
      return { kind: 'number', number, source: String(number), part: name as TimePart }
    })
  },
}

/** Refuses what no time has: an hour of 25 would never match, and never say so. */
export const needPossible = (value: Value): void => {
  if ((value.kind !== 'number' && value.kind !== 'compare') || !value.part || value.part === 'instant') return
  const [from, to] = rangeOf[value.part]
  const number = value.kind === 'number' ? value.number : value.limit
  const possible =
    value.kind === 'number'
      ? Number.isInteger(number) && number >= from && number <= to
      : { lt: from < number, lte: from <= number, gt: to > number, gte: to >= number }[value.op]
  if (possible) return
  const asked = value.kind === 'number' ? number : `${value.op} ${number}`
  throw new RuleError({
    en: `\`${value.part}\` is a whole number from ${from} to ${to}: it is never ${asked}`,
    zh: `\`${value.part}\` 是 ${from} 到 ${to} 的整数：不会是 ${asked}`,
  })
}
