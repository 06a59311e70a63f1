import type { PhotoInfo } from '@custodia/contracts'
import sharp, { type Sharp } from 'sharp'
import type { z } from 'zod'
import { ProblemError } from '../../gateway/problem.js'

/** A photo that was decoded, turned upright and encoded again: nothing of the file but its pixels is left. */
export interface CheckedPhoto {
  bytes: Buffer
  /** blurred beyond reading */
  thumbnail: Buffer
  contentType: z.output<typeof PhotoInfo>['content_type']
  width: number
  height: number
}

export const mostPixels = 50_000_000
const thumbnailSide = 320
/** Detail that survives in a thumbnail: so few pixels that neither a line of text nor a face can be made out. */
const thumbnailDetail = 16

type Format = 'jpeg' | 'png' | 'webp'
const encoders: Record<Format, (image: Sharp) => Sharp> = {
  jpeg: (image) => image.jpeg({ quality: 90 }),
  png: (image) => image.png(),
  webp: (image) => image.webp({ quality: 90, effort: 1 }), // more would let one large photo keep a core busy for a minute
}

// Decoded photos stay in memory: neither remembered, nor written to a temporary file, as libvips does above 100 MB.
sharp.cache(false)
// eslint-disable-next-line no-restricted-syntax -- set, not read: libvips takes this from the environment alone
process.env.VIPS_DISC_THRESHOLD = '64g'

/** What a file begins with. No other decoder than these three is ever given a stranger's bytes. */
function formatOf(bytes: Buffer): Format | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpeg'
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'png'
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'webp'
  return undefined
}

/**
 * Checks a photo by its content, whatever its name says: `not_an_image`, or `image_too_large` by its header alone, before
 * a pixel is decoded. Encoding it again drops EXIF, GPS, XMP, comments and anything that was appended.
 */
export async function checkPhoto(file: Buffer): Promise<CheckedPhoto> {
  const format = formatOf(file)
  if (!format) throw new ProblemError('not_an_image')
  try {
    const header = await sharp(file, { limitInputPixels: false }).metadata()
    if (header.format !== format) throw new ProblemError('not_an_image')
    if (header.width * header.height > mostPixels) throw new ProblemError('image_too_large')
    const upright = sharp(file, { limitInputPixels: mostPixels, failOn: 'error' }).autoOrient()
    const { data, info } = await encoders[format](upright).toBuffer({ resolveWithObject: true })
    return {
      bytes: data,
      thumbnail: await blur(data),
      contentType: `image/${format}`,
      width: info.width,
      height: info.height,
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw new ProblemError('not_an_image', {}, { cause: error })
  }
}

/** Throws the detail away first, then smooths what little is left: nothing can bring it back. */
async function blur(photo: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(photo)
    .resize(thumbnailDetail, thumbnailDetail, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return sharp(data, { raw: { width, height, channels } })
    .resize(thumbnailSide, thumbnailSide, { fit: 'inside', kernel: 'cubic' })
    .blur(6)
    .webp({ quality: 60 })
    .toBuffer()
}
