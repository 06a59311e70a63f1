/** sixteen digits in a row: what may be more than a number of JavaScript tells apart */
const long = /\d{16}/
const whole = /^-?\d+$/

/**
 * JSON as `JSON.parse` reads it, but a whole number beyond 2⁵³ is the text of its digits: read as a number it would be its
 * neighbour's too, and two customers with long ids one. It equals, groups and counts as it is written; where a rule compares it
 * by size, it is the nearest number.
 */
export const parseExact = (json: string): unknown =>
  long.test(json) ? (JSON.parse(json, exact) as unknown) : (JSON.parse(json) as unknown)

const exact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  const source = context?.source
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && whole.test(source)
    ? source
    : value
}
