import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openPhotoFolder } from './files.js'
import { photoStoreContract } from './photo-store.contract.js'

let base: string
let root: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'custodia-photos-'))
  root = join(base, 'photos')
})
afterAll(() => rm(base, { recursive: true }))

const entries = async () => readdir(root, { recursive: true, withFileTypes: true })

describe('the photo folder', () => {
  describe('as a photo store', () => photoStoreContract(() => openPhotoFolder(root)))

  it('keeps files for their owner alone, two directories deep', async () => {
    await (await openPhotoFolder(root)).put('private', Buffer.from('x'))
    for (const entry of await entries()) {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600)
    }
    const file = (await entries()).find(({ name }) => name === 'private')!
    expect(file.parentPath.slice(root.length)).toMatch(/^\/[0-9a-f]{2}\/[0-9a-f]{2}$/)
  })

  it('leaves nothing behind when a put fails, and has written nothing outside', async () => {
    expect(await readdir(join(root, '.growing'))).toEqual([])
    expect(await readdir(base)).toEqual(['photos'])
  })

  it('clears away what a crash left, and nothing that is being written', async () => {
    const growing = join(root, '.growing')
    await mkdir(growing, { recursive: true })
    await writeFile(join(growing, 'abandoned'), 'half')
    await utimes(join(growing, 'abandoned'), 0, 0)
    await writeFile(join(growing, 'in-use'), 'half')
    await openPhotoFolder(root)
    expect(await readdir(growing)).toEqual(['in-use'])
  })

  it('does not follow a link that somebody put in the place of a photo', async () => {
    const store = await openPhotoFolder(root)
    await store.put('linked', Buffer.from('x'))
    const { parentPath } = (await entries()).find(({ name }) => name === 'linked')!
    await rm(join(parentPath, 'linked'))
    await symlink('/etc/hostname', join(parentPath, 'linked'))
    await expect(store.get('linked')).rejects.toThrow('ELOOP')
  })
})
