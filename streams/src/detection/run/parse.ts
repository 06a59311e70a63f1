import { parserOf } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import type { z } from 'zod'

/** undefined when the bytes are not JSON */
export const parseJson = (value: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

/** A record's value, or the reason why nobody could use it. */
export const recordParser = <T>(schema: z.ZodType<T>): ((record: LogRecord) => { value: T } | { reason: string }) => {
  const parse = parserOf(schema)
  return (record) => {
    const json = parseJson(record.value)
    if (json === undefined) return { reason: 'not JSON' }
    const parsed = parse(json)
    if (parsed.success) return { value: parsed.data }
    const issue = parsed.error.issues[0]
    return { reason: `${issue?.path.join('.') || 'record'}: ${issue?.code ?? 'invalid'}` } // a place and a code, never a value
  }
}
