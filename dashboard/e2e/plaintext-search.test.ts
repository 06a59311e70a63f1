import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { ByteSearch, searchFolder, sliceNeedles, textNeedles } from './plaintext-search.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'custodia-search-'))
  mkdirSync(join(folder, 'deep', 'down'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

const photo = Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * 37 + (at >> 3)) & 0xff))
const search = new ByteSearch([...textNeedles('a name', '欧阳骁'), ...sliceNeedles('a photo', photo)])

it('finds a text in each encoding, and a piece of a photo, wherever it lies', async () => {
  const pieceOfFile = 4 << 20 // as much as is read at once
  writeFileSync(join(folder, 'deep', 'down', 'utf8'), 'x欧阳骁')
  for (const [file, bytes] of Object.entries({
    little: Buffer.from('欧阳骁', 'utf16le'),
    big: Buffer.from('欧阳骁', 'utf16le').swap16(),
    photo: photo.subarray(190, 300),
  }))
    writeFileSync(join(folder, file), Buffer.concat([Buffer.alloc(pieceOfFile - 3), bytes, Buffer.alloc(9)]))
  const { hits } = await searchFolder(folder, search)
  expect(new Set(hits.map(({ file, needle }) => `${file}: ${needle}`))).toEqual(
    new Set([
      'deep/down/utf8: a name, UTF-8',
      'little: a name, UTF-16LE',
      'big: a name, UTF-16BE',
      'photo: a photo, bytes from 200',
    ]),
  )
})

it('finds nothing where nothing is, and in half of it', async () => {
  writeFileSync(join(folder, 'half'), Buffer.from('欧阳').subarray(0, 6))
  writeFileSync(join(folder, 'empty'), '')
  expect(await searchFolder(folder, search)).toEqual({ bytes: 6, hits: [] })
})
