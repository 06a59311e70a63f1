import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readFolder } from './folders.js'

describe('a file of cases in a folder of rules', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-folder-'))
    await writeFile(join(dir, 'r.yml'), 'title: R\n')
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('is read with its rule, and need not be there', async () => {
    expect(await readFolder(dir)).toEqual([expect.not.objectContaining({ cases: expect.anything() })])
    await writeFile(join(dir, 'r.cases.yml'), 'fires: []\n')
    expect(await readFolder(dir)).toMatchObject([{ name: 'r', cases: 'fires: []\n' }])
  })

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x0a, 0xff, 0xfe])],
    ['a NUL', Buffer.from('a\n\0')],
  ])('is a problem of its own with its line, and no cases: %s', async (_, bytes) => {
    await writeFile(join(dir, 'r.cases.yml'), bytes)
    const [found] = await readFolder(dir)
    expect(found?.cases).toBeUndefined()
    expect(found?.unreadable).toMatchObject({
      file: 'r.cases.yml',
      line: 2,
      reason: expect.stringMatching(/^this is not UTF-8/),
      reason_zh: expect.stringMatching(/UTF-8/),
    })
  })

  it('is a problem where it cannot be read at all', async () => {
    await mkdir(join(dir, 'r.cases.yml'))
    expect((await readFolder(dir))[0]?.unreadable).toMatchObject({
      file: 'r.cases.yml',
      reason: expect.stringMatching(/^cannot be read: .*EISDIR/),
      reason_zh: expect.stringMatching(/^无法读取/),
    })
  })
})
