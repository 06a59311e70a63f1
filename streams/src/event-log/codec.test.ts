import { describe, expect, it } from '@jest/globals'
import { decodeRecord, encodeRecord, type StoredRecord } from './codec.js'

const record: StoredRecord = {
  key: 'clerk-1',
  appendedAt: 1_763_778_638_123,
  headers: { 'schema-version': '1' },
  value: Buffer.from('{"a":1}'),
}

describe('an entry of the log', () => {
  it.each<[string, Partial<StoredRecord>]>([
    ['a version alone', {}],
    ['no headers', { headers: undefined }],
    ['a version and a trace', { headers: { 'schema-version': '2', traceparent: '00-ab-cd-01' } }],
    ['a trace alone', { headers: { traceparent: '00-ab-cd-01' } }],
    ['versions that are no numbers of 16 bits', { headers: { 'schema-version': '65536' } }],
    ['the largest version', { headers: { 'schema-version': '65535' } }],
    ['a version of other spelling', { headers: { 'schema-version': '01' } }],
    ['a version of zero', { headers: { 'schema-version': '0' } }],
    ['an empty version', { headers: { 'schema-version': '' } }],
    ['a key and a header beyond ASCII', { key: '职员-😀', headers: { 'schema-version': '1', name: '名' } }],
    ['an empty key and nothing in it', { key: '', value: Buffer.alloc(0) }],
    ['the largest value', { value: Buffer.alloc(1_000_000, 7) }],
    ['times of the past', { appendedAt: 0 }],
    ['times of the far future', { appendedAt: 2 ** 48 - 1 }],
  ])('is read as it was written: %s', (_, over) => {
    const { headers, ...rest } = { ...record, ...over }
    const given = headers ? { ...rest, headers } : rest
    const entry = Buffer.concat([encodeRecord(given), Buffer.from('of an entry that was longer')])
    const read = decodeRecord(entry, entry.length - 27)
    expect({ ...read, value: Buffer.from(read.value) }).toEqual({ ...given, value: Buffer.from(given.value) })
  })

  it('keeps what was read, whatever the memory is used for afterwards', () => {
    const entry = Buffer.from(encodeRecord(record))
    const read = decodeRecord(entry)
    entry.fill(0xff)
    const others = Array.from({ length: 1000 }, (_, n) => {
      const value = Buffer.from(`value ${n}`)
      return { value, read: decodeRecord(encodeRecord({ ...record, value })) }
    })
    expect(Buffer.from(read.value).toString()).toBe('{"a":1}')
    expect(others.every(({ value, read: { value: found } }) => value.equals(found))).toBe(true)
  })

  it('nobody can change the headers that records share', () => {
    const [one, other] = [decodeRecord(encodeRecord(record)), decodeRecord(encodeRecord(record))]
    expect(() => Object.assign(one.headers ?? {}, { traceparent: 'x' })).toThrow(TypeError)
    expect(other.headers).toEqual({ 'schema-version': '1' })
  })

  it('is read where it is of the first form', () => {
    const head = Buffer.from('{"k":"职员","t":1763778638123,"h":{"schema-version":"1"}}')
    const length = Buffer.from([0, 0, 0, head.length])
    const read = decodeRecord(Buffer.concat([length, head, Buffer.from('{"a":1}')]))
    expect({ ...read, value: Buffer.from(read.value).toString() }).toEqual({ ...record, key: '职员', value: '{"a":1}' })
    const bare = Buffer.from('{"k":"k","t":5}')
    expect(decodeRecord(Buffer.concat([Buffer.from([0, 0, 0, bare.length]), bare]))).toEqual({
      key: 'k',
      appendedAt: 5,
      value: Buffer.alloc(0),
    })
  })
})
