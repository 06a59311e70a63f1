import { parserOf } from '@custodia/contracts'
import type { z } from 'zod'
import type { LogRecord } from '../event-log/index.js'
import { dead, drop, keep, type Step } from '../pipeline/index.js'
import type { Parsed, Row } from './rows.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes → a value of the topic's contract. What is not UTF-8, not JSON or not the contract is dead: it never will be. */
export const parse = <T>(schema: z.ZodType<T>): Step<LogRecord, Parsed<T>> => {
  const byContract = parserOf(schema)
  return function parse(record) {
    let raw: string
    let json: unknown
    try {
      raw = utf8.decode(record.value)
      json = JSON.parse(raw)
    } catch (cause) {
      return dead('not JSON in UTF-8', cause)
    }
    const parsed = byContract(json)
    if (parsed.success) return keep({ record, raw, value: parsed.data })
    const wrong = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`) // never the values
    return dead(`not as its contract says: ${wrong.join(', ')}`, parsed.error)
  }
}

/** A time that cannot be placed belongs to no period, and no report would ever show it. */
export const requireTime = <T>(timeOf: (value: T) => string): Step<Parsed<T>, Parsed<T>> =>
  function requireTime(parsed) {
    return Number.isNaN(Date.parse(timeOf(parsed.value))) ? dead('a time that does not exist') : keep(parsed)
  }

/** Only one kind of record of a mixed topic is landed. */
export const only = <T extends { kind: string }, K extends T['kind']>(
  kind: K,
): Step<Parsed<T>, Parsed<Extract<T, { kind: K }>>> =>
  function only({ value, ...at }) {
    return value.kind === kind ? keep({ ...at, value: value as Extract<T, { kind: K }> }) : drop(value.kind)
  }

export const toRow = <T>(rowOf: (parsed: Parsed<T>) => Row): Step<Parsed<T>, Row> =>
  function toRow(parsed) {
    return keep(rowOf(parsed))
  }
