import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { pngBomb, striped } from '../testing/pictures.js'
import { checkPhoto } from './check-photo.js'

const secret = 'planted-secret'

describe('a photo is checked by its content', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('%s stays what it is', async (format) => {
    const photo = await checkPhoto(await striped().toFormat(format).toBuffer())
    expect(photo).toMatchObject({ contentType: `image/${format}`, width: 800, height: 500 })
    expect((await sharp(photo.bytes).metadata()).format).toBe(format)
  })

  it.each([
    ['text', Buffer.from('hello, not a photo')],
    ['nothing', Buffer.alloc(0)],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a JPEG beginning and garbage', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500, 7)])],
    ['a page that begins like a PNG', Buffer.from('\x89PNG\r\n\x1a\n<script>alert(1)</script>', 'latin1')],
  ])('%s is not an image', async (_, bytes) => {
    await expect(checkPhoto(bytes)).rejects.toMatchObject({ code: 'not_an_image' })
  })

  it('a GIF is not taken, whatever it is called', async () => {
    await expect(checkPhoto(await striped(40, 40).gif().toBuffer())).rejects.toMatchObject({ code: 'not_an_image' })
  })

  it('a photo cut short is not an image', async () => {
    const whole = await striped().jpeg().toBuffer()
    await expect(checkPhoto(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ code: 'not_an_image' })
  })

  it.each([
    [50_000, 50_000],
    [10_000, 5_001],
  ])('a header of %d × %d pixels is refused before anything is decoded', async (width, height) => {
    await expect(checkPhoto(pngBomb(width, height))).rejects.toMatchObject({ code: 'image_too_large' })
  })

  it('drops EXIF, GPS, XMP, comments and what hangs behind the image', async () => {
    const original = await striped()
      .withExif({
        IFD0: { Artist: secret, ImageDescription: secret },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '31/1 14/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '121/1 28/1 0/1',
        },
      })
      .withXmp(`<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)
      .jpeg()
      .toBuffer()
    const file = Buffer.concat([original, Buffer.from(secret)])
    expect(await sharp(file).metadata()).toMatchObject({ exif: expect.any(Buffer), xmp: expect.any(Buffer) })
    const { bytes, thumbnail } = await checkPhoto(file)
    for (const made of [bytes, thumbnail]) {
      const { exif, xmp, iptc, icc } = await sharp(made).metadata()
      expect({ exif, xmp, iptc, icc }).toEqual({ exif: undefined, xmp: undefined, iptc: undefined, icc: undefined })
      expect(made.includes(secret)).toBe(false)
    }
  })

  it('is turned upright', async () => {
    const photo = await checkPhoto(await striped(800, 500).withMetadata({ orientation: 6 }).jpeg().toBuffer())
    expect(photo).toMatchObject({ width: 500, height: 800 })
    expect((await sharp(photo.bytes).metadata()).orientation).toBeUndefined()
  })

  it('has a thumbnail in which no detail is left', async () => {
    const { thumbnail } = await checkPhoto(await striped().png().toBuffer())
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'webp', width: 320, height: 200 })
    const { channels } = await sharp(thumbnail).stats()
    expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeLessThan(8)
  })
})
