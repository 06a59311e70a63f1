/** What is stored of a record beside its place, which is the key of the entry. */
export interface StoredRecord {
  key: string
  appendedAt: number
  headers?: Record<string, string>
  value: Uint8Array
}

/** 32-bit big-endian length of the head, the head as JSON `{k, t, h?}`, then the value's exact bytes. */
export const encodeRecord = ({ key, appendedAt, headers, value }: StoredRecord): Buffer => {
  const head = Buffer.from(JSON.stringify({ k: key, t: appendedAt, h: headers }))
  const entry = Buffer.allocUnsafe(4 + head.length + value.length)
  entry.writeUInt32BE(head.length, 0)
  head.copy(entry, 4)
  entry.set(value, 4 + head.length)
  return entry
}

export const decodeRecord = (entry: Buffer): StoredRecord => {
  const valueAt = 4 + entry.readUInt32BE(0)
  const head = JSON.parse(entry.toString('utf8', 4, valueAt)) as { k: string; t: number; h?: Record<string, string> }
  return { key: head.k, appendedAt: head.t, ...(head.h && { headers: head.h }), value: entry.subarray(valueAt) }
}
