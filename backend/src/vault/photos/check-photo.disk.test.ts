import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'

const run = promisify(execFile)
const compiled = new URL('../../../dist/vault/photos/check-photo.js', import.meta.url).href

/** Decodes a WebP of 36 megapixels in a process of its own; prints the nameless temporary files it had open meanwhile. */
const watched = (decode: string) => `
  import { readdirSync, readlinkSync } from 'node:fs'
  import sharp from 'sharp'
  ${decode}
  const large = { create: { width: 6000, height: 6000, channels: 3, background: '#888' } }
  const photo = await sharp(large).webp({ effort: 0 }).toBuffer()
  const linkOf = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd) } catch { return '' } }
  const seen = new Set()
  const look = setInterval(() => {
    for (const fd of readdirSync('/proc/self/fd')) if (/\\(deleted\\)$/.test(linkOf(fd))) seen.add('temporary file')
  }, 2)
  await decode(photo)
  clearInterval(look)
  console.log(JSON.stringify([...seen]))`

const filesOpenedBy = async (decode: string): Promise<unknown> => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', watched(decode)], {
    cwd: new URL('.', import.meta.url).pathname,
  })
  return JSON.parse(stdout)
}

// Only Linux tells which files a process has open.
const onLinux = process.platform === 'linux' ? describe : describe.skip
onLinux('a photo of more than 100 MB when decoded', () => {
  it('would be written to the disk by the image library', async () => {
    expect(await filesOpenedBy(`const decode = (photo) => sharp(photo).jpeg().toBuffer()`)).toEqual(['temporary file'])
  })

  it('stays in memory when it is checked', async () => {
    expect(await filesOpenedBy(`const { checkPhoto: decode } = await import('${compiled}')`)).toEqual([])
  })
})
