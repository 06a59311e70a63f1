import { join } from 'node:path'
import { open } from 'lmdb'

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

/** entry = length of the head (32 bit, big-endian), head (JSON), value */
const split = (entry: Buffer): Pick<RawRecord, 'key' | 'appendedAt' | 'headers' | 'value'> => {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  const length = view.getUint32(0)
  const head: unknown = JSON.parse(new TextDecoder().decode(entry.subarray(4, 4 + length)))
  const { k, t, h } = head as { k: string; t: number; h?: Record<string, string> }
  return { key: k, appendedAt: t, headers: h ?? {}, value: entry.subarray(4 + length) }
}
