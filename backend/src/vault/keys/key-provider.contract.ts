import { randomBytes } from 'node:crypto'
import { beforeEach, expect, it } from '@jest/globals'
import { KeyError, type KeyProvider } from './key-provider.js'

/** `open` opens the same keys each time; `rotate` adds a key, which wraps from now on. */
export const keyProviderContract = (open: () => Promise<KeyProvider>, rotate: () => Promise<string>) => {
  const dataKey = randomBytes(32)
  let keys: KeyProvider

  beforeEach(async () => {
    keys = await open()
  })

  it('unwraps what it wrapped, after being opened anew', async () => {
    const wrapped = await keys.wrap(dataKey, 'record 1')
    expect(await (await open()).unwrap(wrapped, 'record 1')).toEqual(dataKey)
  })

  it('wraps the same key differently each time, and not in the clear', async () => {
    const wrapped = await keys.wrap(dataKey, 'record 1')
    expect(wrapped.equals(await keys.wrap(dataKey, 'record 1'))).toBe(false)
    expect(wrapped.includes(dataKey)).toBe(false)
  })

  it('refuses another context', async () => {
    const wrapped = await keys.wrap(dataKey, 'record 1')
    await expect(keys.unwrap(wrapped, 'record 2')).rejects.toThrow(KeyError)
  })

  it('refuses when any byte was changed or the end is cut', async () => {
    const wrapped = await keys.wrap(dataKey, 'record 1')
    for (let at = 0; at < wrapped.length; at++) {
      const changed = Buffer.from(wrapped)
      changed[at]! ^= 1
      await expect(keys.unwrap(changed, 'record 1')).rejects.toThrow(KeyError)
    }
    await expect(keys.unwrap(wrapped.subarray(0, -1), 'record 1')).rejects.toThrow(KeyError)
    await expect(keys.unwrap(Buffer.alloc(0), 'record 1')).rejects.toThrow(KeyError)
  })

  it('wraps with the new key after rotation, and unwraps what the old one wrapped', async () => {
    const wrapped = await keys.wrap(dataKey, 'record 1')
    const added = await rotate()
    const rotated = await open()
    expect(rotated.currentKeyId).toBe(added)
    expect(rotated.keyIdOf(wrapped)).toBe(keys.currentKeyId)
    expect(rotated.keyIdOf(await rotated.wrap(dataKey, 'record 1'))).toBe(added)
    expect(await rotated.unwrap(wrapped, 'record 1')).toEqual(dataKey)
  })

  it('needs no restart for a rotation: who opened before unwraps what the new key wrapped, and wraps with it', async () => {
    const added = await rotate()
    expect(await keys.unwrap(await (await open()).wrap(dataKey, 'record 1'), 'record 1')).toEqual(dataKey)
    expect(keys.keyIdOf(await keys.wrap(dataKey, 'record 1'))).toBe(added)
    expect(keys.currentKeyId).toBe(added)
  })

  it('derives one HMAC key per name, for ever', async () => {
    const key = keys.hmacKey('search-index')
    expect(key).toHaveLength(32)
    expect(keys.hmacKey('sign-in-name')).not.toEqual(key)
    await rotate()
    expect((await open()).hmacKey('search-index')).toEqual(key)
  })
}
