import { VERSION_HEADER } from './event-log.js'

/** What is stored of a record beside its place, which is the key of the entry. */
export interface StoredRecord {
  key: string
  appendedAt: number
  headers?: Record<string, string>
  value: Uint8Array
}

/*
 * Byte 0 is 1. Then, big-endian: version of the schema, which nearly every record has as its only header (16 bits; 0: not
 * said here), lengths of the key and of the other headers as JSON (32 bits each), time (48 bits); then key, other headers, and
 * the value's exact bytes. In logs from before, byte 0 is 0: the 32-bit length of a head, the head as JSON `{k, t, h?}`, the value.
 */
const FORM = 1
const [VERSION_AT, KEY_LENGTH_AT, HEADERS_LENGTH_AT, TIME_AT, KEY_AT] = [1, 3, 7, 11, 17]
const MOST_VERSION = 0xffff

let scratch = Buffer.alloc(64 * 1024)

/** The entry is good until the next call: LMDB takes it at once, and memory for each would cost more than filling it. */
export const encodeRecord = ({ key, appendedAt, headers, value }: StoredRecord): Buffer => {
  if (said.headers !== headers) said = sayHeaders(headers)
  const { version, others } = said
  const most = KEY_AT + 3 * (key.length + others.length) + value.length
  if (most > scratch.length) scratch = Buffer.alloc(2 * most)
  const keyLength = scratch.write(key, KEY_AT)
  const headersLength = others === '' ? 0 : scratch.write(others, KEY_AT + keyLength)
  scratch[0] = FORM
  scratch.writeUInt16BE(version, VERSION_AT)
  scratch.writeUInt32BE(keyLength, KEY_LENGTH_AT)
  scratch.writeUInt32BE(headersLength, HEADERS_LENGTH_AT)
  scratch.writeUIntBE(appendedAt, TIME_AT, 6)
  const valueAt = KEY_AT + keyLength + headersLength
  scratch.set(value, valueAt)
  return scratch.subarray(0, valueAt + value.length)
}

/** `entry` may be longer than `length` and be used again: what is returned is a copy. */
export const decodeRecord = (entry: Buffer, length = entry.length): StoredRecord => {
  if (entry[0] !== FORM) return decodeFirstForm(entry, length)
  const headersAt = KEY_AT + entry.readUInt32BE(KEY_LENGTH_AT)
  const valueAt = headersAt + entry.readUInt32BE(HEADERS_LENGTH_AT)
  const headers = headersOf(entry.readUInt16BE(VERSION_AT), entry, headersAt, valueAt)
  return {
    key: entry.toString('utf8', KEY_AT, headersAt),
    appendedAt: entry.readUIntBE(TIME_AT, 6),
    ...(headers && { headers }),
    value: copyOf(entry, valueAt, length),
  }
}

const decodeFirstForm = (entry: Buffer, length: number): StoredRecord => {
  const valueAt = 4 + entry.readUInt32BE(0)
  const head = JSON.parse(entry.toString('utf8', 4, valueAt)) as { k: string; t: number; h?: Record<string, string> }
  const value = copyOf(entry, valueAt, length)
  return { key: head.k, appendedAt: head.t, ...(head.h && { headers: head.h }), value }
}

interface SaidHeaders {
  headers: StoredRecord['headers']
  /** 0 where no number of 16 bits says the very same */
  version: number
  /** as JSON; nothing where there are none */
  others: string
}

const sayHeaders = (headers: StoredRecord['headers']): SaidHeaders => {
  const { [VERSION_HEADER]: text, ...others } = headers ?? {}
  const number = Number(text)
  const version = Number.isInteger(number) && number <= MOST_VERSION && number > 0 && `${number}` === text ? number : 0
  const rest = version === 0 ? headers : others
  return { headers, version, others: rest && Object.keys(rest).length > 0 ? JSON.stringify(rest) : '' }
}

/** of the record before: most records of a batch share theirs */
let said = sayHeaders(undefined)

/** Of records whose only header is the version; nobody can change what they share. */
const onlyVersion: Readonly<Record<string, string>>[] = []

const headersOf = (version: number, entry: Buffer, from: number, to: number): Record<string, string> | undefined => {
  if (from === to)
    return version === 0 ? undefined : (onlyVersion[version] ??= Object.freeze({ [VERSION_HEADER]: `${version}` }))
  const others = JSON.parse(entry.toString('utf8', from, to)) as Record<string, string>
  return version === 0 ? others : { [VERSION_HEADER]: `${version}`, ...others }
}

/** Many values share one piece of memory: one for each costs more than the copy. */
const PIECE = 64 * 1024
let piece = Buffer.alloc(0)
let used = 0

const copyOf = (entry: Buffer, from: number, to: number): Buffer => {
  const length = to - from
  if (length > PIECE / 4) return Buffer.from(entry.subarray(from, to))
  if (used + length > piece.length) {
    piece = Buffer.allocUnsafeSlow(PIECE)
    used = 0
  }
  const at = used
  used += length
  entry.copy(piece, at, from, to)
  return piece.subarray(at, used)
}
