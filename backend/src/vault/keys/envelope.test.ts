import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { contextOf, newDataKey, open, openField, seal, sealField } from './envelope.js'
import { openKeyFile } from './key-file.js'
import { KeyError, type KeyProvider } from './key-provider.js'

let base: string
let keys: KeyProvider
let otherKeys: KeyProvider
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'custodia-envelope-'))
  keys = await openKeyFile(join(base, 'ours.json'))
  otherKeys = await openKeyFile(join(base, 'others.json'))
})
afterAll(() => rm(base, { recursive: true }))

/** every single changed byte, and every way of cutting the end */
function* alterations(sealed: Buffer) {
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 0x80
    yield changed
    yield sealed.subarray(0, at)
  }
}

describe('an envelope around an object', () => {
  const photo = randomBytes(50_000)
  const place = contextOf('photo', 'p1', 'original')

  it('opens to what was sealed, also when that is empty', async () => {
    expect(await open(keys, await seal(keys, photo, place), place)).toEqual(photo)
    expect(await open(keys, await seal(keys, Buffer.alloc(0), place), place)).toHaveLength(0)
  })

  it('shows nothing of it, adds about a hundred bytes, and is different each time', async () => {
    const sealed = await seal(keys, photo, place)
    expect(sealed.includes(photo.subarray(0, 16))).toBe(false)
    expect(sealed.length - photo.length).toBeLessThan(128)
    expect(sealed.equals(await seal(keys, photo, place))).toBe(false)
  })

  it('does not open in the place of another object', async () => {
    const sealed = await seal(keys, photo, place)
    await expect(open(keys, sealed, contextOf('photo', 'p2', 'original'))).rejects.toThrow(KeyError)
  })

  it('does not open with the keys of another system', async () => {
    await expect(open(otherKeys, await seal(keys, photo, place), place)).rejects.toThrow(KeyError)
  })

  it('does not open when a byte was changed or cut', async () => {
    for (const altered of alterations(await seal(keys, Buffer.from('photo'), place)))
      await expect(open(keys, altered, place)).rejects.toThrow(KeyError)
  })
})

describe('a sealed field', () => {
  const place = contextOf('customer', 'c1', 'name')

  it('opens to what was sealed, with the data key that was stored wrapped', async () => {
    const { key, wrapped } = await newDataKey(keys, contextOf('customer', 'c1'))
    const sealed = sealField(key, '张伟 🙂', place)
    const unwrapped = await keys.unwrap(wrapped, contextOf('customer', 'c1'))
    expect(openField(unwrapped, sealed, place)).toBe('张伟 🙂')
  })

  it('opens in its own row and field only, with its own key only, unaltered only', async () => {
    const { key } = await newDataKey(keys, 'row')
    const sealed = sealField(key, '13800000000', place)
    expect(() => openField(key, sealed, contextOf('customer', 'c2', 'name'))).toThrow(KeyError)
    expect(() => openField(key, sealed, contextOf('customer', 'c1', 'phone'))).toThrow(KeyError)
    expect(() => openField(randomBytes(32), sealed, place)).toThrow(KeyError)
    for (const altered of alterations(sealed)) expect(() => openField(key, altered, place)).toThrow(KeyError)
  })

  it('has a place that cannot be spelled in two ways', () => {
    expect(contextOf('customer', 'a', 'b')).not.toBe(contextOf('customer', 'a","b'))
  })
})
