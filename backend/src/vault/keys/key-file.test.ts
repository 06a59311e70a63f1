import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addWrappingKey, openKeyFile } from './key-file.js'
import { keyProviderContract } from './key-provider.contract.js'

let base: string
let path: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'custodia-keys-'))
  path = join(base, 'keys', 'master.json')
})
afterAll(() => rm(base, { recursive: true }))

describe('the key file', () => {
  describe('as a key provider', () =>
    keyProviderContract(
      () => openKeyFile(path),
      () => addWrappingKey(path),
    ))

  it('is for its owner alone, and nothing else lies beside it', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(base, 'keys'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(base, 'keys'))).toEqual(['master.json'])
  })

  it('is made once, however many start at the same time', async () => {
    const shared = join(base, 'shared.json')
    const opened = await Promise.all(Array.from({ length: 8 }, () => openKeyFile(shared)))
    expect(new Set(opened.map((keys) => keys.currentKeyId)).size).toBe(1)
    expect(await readdir(base)).toEqual(['keys', 'shared.json'])
  })

  it('keeps every key when two add one at the same time', async () => {
    const raced = join(base, 'raced.json')
    const keys = await openKeyFile(raced)
    const first = await keys.wrap(Buffer.alloc(32, 1), 'record 1')
    const added = await Promise.allSettled(Array.from({ length: 8 }, () => addWrappingKey(raced)))
    const ids = added.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(ids.length).toBeGreaterThan(0)
    const stored = JSON.parse(await readFile(raced, 'utf8')) as { wrapping_keys: { id: string }[] }
    expect(stored.wrapping_keys.map(({ id }) => id)).toEqual([keys.keyIdOf(first), ...ids])
    await rm(raced)
  })

  it('that went or was damaged while it is open changes nothing for who has it open', async () => {
    const lost = join(base, 'lost.json')
    const keys = await openKeyFile(lost)
    await writeFile(lost, 'damaged')
    const wrapped = await keys.wrap(Buffer.alloc(32, 1), 'record 1')
    await rm(lost)
    expect(await keys.unwrap(wrapped, 'record 1')).toEqual(Buffer.alloc(32, 1))
    expect(keys.keyIdOf(await keys.wrap(Buffer.alloc(32, 1), 'record 1'))).toBe(keys.keyIdOf(wrapped))
  })

  it.each([0o640, 0o604])('is refused when others may read it (mode %o)', async (mode) => {
    const wide = join(base, 'wide.json')
    await openKeyFile(wide)
    await chmod(wide, mode)
    await expect(openKeyFile(wide)).rejects.toThrow(/can be read by others \(mode 6..\): run "chmod 600 .*wide\.json"/)
    await rm(wide)
  })

  it('is refused when damaged, without a word of its content, and left as it is', async () => {
    const damaged = join(base, 'damaged.json')
    const content = (await readFile(path, 'utf8')).slice(0, -20)
    await writeFile(damaged, content, { mode: 0o600 })
    await expect(openKeyFile(damaged)).rejects.toThrow(
      `The key file ${damaged} is damaged: put its backup in its place.`,
    )
    expect(await readFile(damaged, 'utf8')).toBe(content)
  })
})
