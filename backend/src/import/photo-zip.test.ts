import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ZipFile } from 'yazl'
import { PhotoIndex } from './photo-index.js'
import { openPhotoArchive } from './photo-zip.js'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-zip-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let made = 0
async function zipOf(files: Record<string, Buffer>): Promise<string> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name)
  zip.end()
  const path = join(dir, `${made++}.zip`)
  await once(zip.outputStream.pipe(createWriteStream(path)), 'close')
  return path
}

/** The archive with bytes replaced, both in its entries and in its directory. */
async function altered(path: string, from: Buffer, to: Buffer): Promise<string> {
  let bytes = await readFile(path)
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + to.length))
    bytes = Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)])
  const changed = join(dir, `${made++}.zip`)
  await writeFile(changed, bytes)
  return changed
}

describe('an archive of photos', () => {
  it('is read without being unpacked, whatever spelling names its files', async () => {
    const source = await openPhotoArchive(
      await zipOf({
        'photos/王小明.jpg': Buffer.from('a'),
        'photos/B.JPG': Buffer.from('b'),
        '__MACOSX/photos/._B.JPG': Buffer.from('x'),
        'photos/.DS_Store': Buffer.from('x'),
      }),
    )
    const index = new PhotoIndex(source.files)
    for (const [name, content] of [
      ['photos\\王小明.jpg', 'a'],
      ['王小明.jpg'.normalize('NFD'), 'a'],
      ['./photos/b.jpg', 'b'],
    ] as const) {
      const file = index.find(name)
      expect([name, typeof file === 'string' ? file : String(await file.read())]).toEqual([name, content])
    }
    expect(index.unused()).toEqual([])
    source.close()
  })

  it('made by a Chinese Windows has names in GBK', async () => {
    const placeholder = Buffer.from('photo12.jpg')
    const gbk = Buffer.concat([Buffer.from([0xd5, 0xd5, 0xc6, 0xac]), Buffer.from('012.jpg')]) // 照片012.jpg
    // without the flag that says UTF-8
    const flagged = await altered(await zipOf({ 'photo12.jpg': Buffer.from('a') }), placeholder, gbk)
    const bytes = await readFile(flagged)
    for (const [mark, offset] of [
      ['PK\x03\x04', 6],
      ['PK\x01\x02', 8],
    ] as const)
      bytes.writeUInt16LE(0, bytes.indexOf(mark, 0, 'latin1') + offset)
    await writeFile(flagged, bytes)
    const source = await openPhotoArchive(flagged)
    expect(source.files.map(({ path }) => path)).toEqual(['照片012.jpg'])
    source.close()
  })

  it.each(['../../evil', '/abs/evil.', 'C:/evil.jp', '..\\..\\evil'])(
    'with the name %j is refused whole',
    async (name) => {
      const honest = 'x'.repeat(name.length)
      const path = await altered(await zipOf({ [honest]: Buffer.from('a') }), Buffer.from(honest), Buffer.from(name))
      await expect(openPhotoArchive(path)).rejects.toThrow(/a name that leads out of it/)
    },
  )

  it('that unpacks to far more than it holds is refused whole', async () => {
    const zeros = Buffer.alloc(60 * 1024 * 1024)
    await expect(openPhotoArchive(await zipOf({ 'a.jpg': zeros, 'b.jpg': zeros }))).rejects.toThrow(/zip bomb/)
  })

  it('whose entries overlap is refused whole', async () => {
    const content = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919) % 251))
    const path = await zipOf({ 'a.jpg': content })
    const bytes = await readFile(path)
    const start = bytes.indexOf('PK\x01\x02', 0, 'latin1')
    const end = bytes.indexOf('PK\x05\x06', 0, 'latin1')
    const entry = bytes.subarray(start, end)
    const tail = Buffer.from(bytes.subarray(end))
    // the same bytes, listed 50 times
    tail.writeUInt16LE(50, 8)
    tail.writeUInt16LE(50, 10)
    tail.writeUInt32LE(entry.length * 50, 12)
    const bomb = join(dir, 'overlap.zip')
    await writeFile(bomb, Buffer.concat([bytes.subarray(0, start), ...Array<Buffer>(50).fill(entry), tail]))
    await expect(openPhotoArchive(bomb)).rejects.toThrow(/zip bomb/)
  })

  it('with one photo over 20 MB has the others', async () => {
    const path = await zipOf({ 'big.jpg': Buffer.alloc(20 * 1024 * 1024 + 1), 'a.jpg': Buffer.from('a') })
    const { files, close } = await openPhotoArchive(path)
    const [big, small] = files
    await expect(big!.read()).rejects.toMatchObject({ code: 'photo_too_large' })
    expect(String(await small!.read())).toBe('a')
    close()
  })

  it('that is none, or is cut off, is refused', async () => {
    const none = join(dir, 'none.zip')
    await writeFile(none, 'not a zip')
    await expect(openPhotoArchive(none)).rejects.toThrow(/not a zip file, or is damaged/)
    const whole = await readFile(await zipOf({ 'a.jpg': Buffer.alloc(5000, 1) }))
    await writeFile(none, whole.subarray(0, whole.length - 30))
    await expect(openPhotoArchive(none)).rejects.toThrow(/damaged/)
  })

  it('is never written to disk', async () => {
    const before = await readdir(dir)
    const path = await zipOf({ 'a.jpg': Buffer.from('a') })
    const source = await openPhotoArchive(path)
    await source.files[0]!.read()
    source.close()
    expect((await readdir(dir)).length).toBe(before.length + 1)
  })
})
