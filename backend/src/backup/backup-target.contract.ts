import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, it } from '@jest/globals'
import { NotInTarget, type BackupTarget } from './backup-target.js'

/** `open` opens the same target each time it is called within a run. */
export const backupTargetContract = (open: () => Promise<BackupTarget>) => {
  let target: BackupTarget
  let made = 0
  const newFolder = () => `test/${process.pid}-${made++}`
  const read = async (name: string) => buffer(await target.get(name))
  const listed = async (prefix: string) => {
    const found = new Map<string, number>()
    for await (const { name, bytes } of target.list(prefix)) {
      expect(found.has(name)).toBe(false)
      found.set(name, bytes)
    }
    return found
  }

  beforeEach(async () => {
    target = await open()
  })

  it.each([0, 1, 200_000, 20_000_000])('returns %d bytes as they were put, as a whole or streamed', async (size) => {
    const folder = newFolder()
    const content = randomBytes(size)
    const chunks = Array.from({ length: Math.ceil(size / 60_000) }, (_, i) =>
      content.subarray(i * 60_000, (i + 1) * 60_000),
    )
    await target.put(`${folder}/whole`, content)
    await target.put(`${folder}/streamed`, Readable.from(chunks, { objectMode: false }))
    target = await open()
    for (const name of ['whole', 'streamed']) {
      expect((await read(`${folder}/${name}`)).equals(content)).toBe(true)
      expect(await target.size(`${folder}/${name}`)).toBe(size)
    }
  })

  it('replaces what was there', async () => {
    const name = `${newFolder()}/a.age`
    await target.put(name, Buffer.from('before, and longer'))
    await target.put(name, Buffer.from('after'))
    expect((await read(name)).toString()).toBe('after')
  })

  it.each([100, 12_000_000])(
    'has no half object after a put that failed after %d bytes, and keeps the one before',
    async (size) => {
      const folder = newFolder()
      const breaking = () =>
        Readable.from(
          (function* () {
            yield randomBytes(size)
            throw new Error('the source went away')
          })(),
          { objectMode: false },
        )
      await expect(target.put(`${folder}/new`, breaking())).rejects.toThrow('the source went away')
      await expect(target.get(`${folder}/new`)).rejects.toThrow(NotInTarget)
      await target.put(`${folder}/old`, Buffer.from('before'))
      await expect(target.put(`${folder}/old`, breaking())).rejects.toThrow('the source went away')
      expect((await read(`${folder}/old`)).toString()).toBe('before')
      expect([...(await listed(`${folder}/`)).keys()]).toEqual([`${folder}/old`])
    },
  )

  it('lists what is below a prefix, once, with sizes; nothing where there is nothing', async () => {
    const folder = newFolder()
    for (const [name, size] of [
      ['a', 1],
      ['b/c', 20],
      ['b/d.age', 300],
    ] as const)
      await target.put(`${folder}/${name}`, randomBytes(size))
    expect(await listed(`${folder}/`)).toEqual(
      new Map([
        [`${folder}/a`, 1],
        [`${folder}/b/c`, 20],
        [`${folder}/b/d.age`, 300],
      ]),
    )
    expect((await listed(`${folder}/b/`)).size).toBe(2)
    expect((await listed(`${newFolder()}/`)).size).toBe(0)
    expect((await listed('')).get(`${folder}/a`)).toBe(1)
  })

  it('has nothing that was never put or was deleted; deleting it again is no error', async () => {
    const name = `${newFolder()}/gone`
    await target.delete(name)
    await target.put(name, Buffer.from('x'))
    await target.delete(name)
    await target.delete(name)
    await expect(target.get(name)).rejects.toThrow(NotInTarget)
    expect(await target.size(name)).toBeUndefined()
  })

  it.each([
    '',
    '.',
    '..',
    '../escape',
    'a/../../escape',
    '/etc/passwd',
    'a//b',
    'a/',
    '.hidden',
    'a/.hidden',
    'a\\b',
    'nul\0',
    '照片',
  ])('refuses the name %j', async (name) => {
    await expect(target.put(name, Buffer.from('x'))).rejects.toThrow(TypeError)
    await expect(target.get(name)).rejects.toThrow(TypeError)
    await expect(target.delete(name)).rejects.toThrow(TypeError)
  })

  it('is ready to be written to', async () => {
    await target.check()
  })
}
