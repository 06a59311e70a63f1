import type { TimePart } from '../sigma/value.js'
import { asNumberPasses, type Leaf } from './leaf.js'
import { literal, or } from './quote.js'
import { replayIf } from './unsupported.js'

const timestamp =
  '\\A(\\d{4})-(\\d\\d)-(\\d\\d)(?:[Tt ](\\d\\d):(\\d\\d)(?::\\d\\d(?:[.,]\\d+)?)?)?\\s?(?:[Zz]|[Uu][Tt][Cc]|[+-]\\d\\d:?\\d\\d)?\\z'

const partOf: Readonly<Record<TimePart, (time: string) => string>> = {
  instant: (time) => `toUnixTimestamp64Milli(${time})`,
  minute: (time) => `toMinute(${time})`,
  hour: (time) => `toHour(${time})`,
  day: (time) => `toDayOfMonth(${time})`,
  week: (time) => `toISOWeek(${time})`,
  month: (time) => `toMonth(${time})`,
  year: (time) => `toYear(${time})`,
}

/** The years whose days both calendars count alike; what lies outside is replayed. */
const [first, last] = [1900, 2299]
const [earliest, latest] = [Date.UTC(first, 0), Date.UTC(last + 1, 0) - 1]

/** Whether a part of the time that a leaf says passes. A clock is read as it is written, a number as time since 1970. */
export const timePartPasses = (leaf: Leaf, part: TimePart, test: (number: string) => string): string => {
  const number = asNumberPasses(leaf, (found) => {
    const ms = `trunc(if(abs(${found}) < 1e11, ${found} * 1000., toFloat64(${found})))`
    const far = replayIf(`${ms} < ${earliest} OR ${ms} > ${latest}`, 'a time before 1900 or after 2299 is compared')
    return `(${far} AND ${test(partOf[part](`fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`))})`
  })
  return leaf.type === 'text' ? or([written(leaf.sql, part, test), number]) : number
}

/** What the expression matched, as numbers: year, month, day, hour, minute. */
const written = (sql: string, part: TimePart, test: (number: string) => string): string => {
  const fields = `arrayMap(x -> toUInt16OrZero(x), extractGroups(${sql}, ${literal(timestamp)}))`
  const f = (index: number): string => `f[${index}]`
  const odd = replayIf(
    `notEmpty(f) AND (${f(1)} < ${first} OR ${f(1)} > ${last} OR ${f(2)} < 1 OR ${f(2)} > 12)`,
    'a time that no calendar has is compared',
  )
  const time = `makeDateTime64(${f(1)}, ${f(2)}, ${f(3)}, ${f(4)}, ${f(5)}, 0, 0, 3, 'UTC')`
  const exists = `${f(3)} > 0 AND ${f(4)} < 24 AND ${f(5)} < 60 AND ${f(3)} <= toDayOfMonth(toLastDayOfMonth(makeDate32(${f(1)}, ${f(2)}, 1)))`
  return `arrayExists(f -> notEmpty(f) AND ${odd} AND ${exists} AND ${test(partOf[part](time))}, [${fields}])`
}
