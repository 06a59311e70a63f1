import type { LogRecord } from '@custodia/streams/event-log'
import { z } from 'zod'

/** Records as lines of JSON, for a part. */
export async function* linesFor(records: LogRecord[]): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < records.length; at += 500)
    yield Buffer.from(
      records
        .slice(at, at + 500)
        .map(lineOf)
        .join(''),
    )
}

const Line = z.strictObject({
  o: z.number().int(),
  t: z.number().int(),
  k: z.string(),
  h: z.record(z.string(), z.string()).optional(),
  v: z.string().optional().describe('the value, where it is UTF-8'),
  b: z.base64().optional().describe('the value, where it is not'),
})

function lineOf({ offset, appendedAt, key, headers, value }: LogRecord): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const text = bytes.toString('utf8')
  const content = Buffer.from(text).equals(bytes) ? { v: text } : { b: bytes.toString('base64') }
  return `${JSON.stringify({ o: offset, t: appendedAt, k: key, h: headers, ...content })}\n`
}

export function recordOf(line: string): Omit<LogRecord, 'topic' | 'partition'> {
  const { o, t, k, h, v, b } = Line.parse(JSON.parse(line))
  const value = v === undefined ? Buffer.from(b ?? '', 'base64') : Buffer.from(v)
  return { offset: o, appendedAt: t, key: k, ...(h && { headers: h }), value }
}
