import { join } from 'node:path'
import { open } from 'lmdb'

/** the one header that has a place of its own */
const versionHeader = 'schema-version'

/** A record as it lies in the file. */
export interface RawRecord {
  partition: number
  offset: number
  key: string
  appendedAt: number
  headers: Record<string, string>
  value: Buffer
}

/**
 * Reads a topic straight from the file of the embedded log: read-only, and with nothing of the event log's own reading code, so
 * that an audit or a test does not trust the reader that it checks. `dir` is the log's directory. Processes may go on
 * appending meanwhile; what is read is one moment.
 */
export async function* readLog(dir: string, topic: string): AsyncGenerator<RawRecord> {
  const root = open({ path: join(dir, 'log.mdb'), noSubdir: true, readOnly: true, maxDbs: 32 })
  try {
    const records = root.openDB<Buffer, [number, number]>(`records/${topic}`, { encoding: 'binary' })
    for (const { key, value } of records.getRange()) {
      const [partition, offset] = key
      yield { partition, offset, ...split(value) }
    }
  } finally {
    await root.close()
  }
}

type Parts = Pick<RawRecord, 'key' | 'appendedAt' | 'headers' | 'value'>

/**
 * What an entry is made of, its first byte telling the form. 0: length of a head (32 bit), the head as JSON, value. 1: schema
 * version or 0 (16 bit), lengths of key and of the other headers (32 bit each), time (48 bit), key, headers as JSON, value.
 */
const split = (entry: Buffer): Parts => (entry[0] === 0 ? splitFirst(entry) : splitSecond(entry))

const splitFirst = (entry: Buffer): Parts => {
  const valueAt = 4 + entry.readUInt32BE(0)
  const head = JSON.parse(entry.toString('utf8', 4, valueAt)) as { k: string; t: number; h?: Record<string, string> }
  return { key: head.k, appendedAt: head.t, headers: head.h ?? {}, value: entry.subarray(valueAt) }
}

const splitSecond = (entry: Buffer): Parts => {
  if (entry[0] !== 1) throw new Error(`An entry of the log has a form that is not known: ${entry[0]}`)
  const version = entry.readUInt16BE(1)
  const headersAt = 17 + entry.readUInt32BE(3)
  const valueAt = headersAt + entry.readUInt32BE(7)
  const others = JSON.parse(entry.toString('utf8', headersAt, valueAt) || '{}') as Record<string, string>
  return {
    key: entry.toString('utf8', 17, headersAt),
    appendedAt: entry.readUIntBE(11, 6),
    headers: version === 0 ? others : { [versionHeader]: String(version), ...others },
    value: entry.subarray(valueAt),
  }
}
