import { buffer } from 'node:stream/consumers'
import { openPromise, validateFileName, type Entry, type ZipFile } from 'yauzl'
import { ImportRefused } from './codes.js'
import { isLitter, largestPhoto, mostFiles, UnusablePhoto, type PhotoFile, type PhotoSource } from './photo-source.js'

const utf8Flag = 0x800
const fileTypes = 0o170000
const link = 0o120000
/** Photos hardly shrink; what grows a hundredfold is no archive of photos. */
const largestGrowth = 100
const harmlessTotal = 100 * 1024 * 1024

/**
 * The files of a zip archive, read straight out of it: nothing is unpacked to disk. An archive with names that lead out of
 * it, links, encryption, overlapping entries or a growth that no photo has is refused as a whole: somebody made it so.
 */
export async function openPhotoArchive(path: string): Promise<PhotoSource> {
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false }).catch((cause: unknown) => {
    throw new ImportRefused('The photo archive is not a zip file, or is damaged: make it again.', { cause })
  })
  try {
    return { files: await filesOf(zip), close: () => zip.close() }
  } catch (error) {
    zip.close()
    throw error instanceof ImportRefused
      ? error
      : new ImportRefused('The photo archive is damaged: make it again.', { cause: error })
  }
}

async function filesOf(zip: ZipFile): Promise<PhotoFile[]> {
  if (zip.entryCount > mostFiles)
    throw new ImportRefused(`The archive has more than ${mostFiles} files: import them in several parts.`)
  const files: PhotoFile[] = []
  let packed = 0
  let unpacked = 0
  for await (const entry of zip.eachEntry()) {
    const path = nameOf(entry)
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    requireHarmless(entry, path)
    if (!path.endsWith('/') && !isLitter(path)) files.push({ path, read: () => readPhoto(zip, entry) })
  }
  if (packed > zip.fileSize || (unpacked > harmlessTotal && unpacked > packed * largestGrowth))
    throw new ImportRefused(
      'The archive unpacks to far more than it can hold (a zip bomb). It is not read any further.',
    )
  return files
}

function requireHarmless(entry: Entry, path: string): void {
  const isLink = ((entry.externalFileAttributes >>> 16) & fileTypes) === link
  if (isLink || validateFileName(path) !== null)
    throw new ImportRefused('The archive has a link, or a name that leads out of it. It is not read any further.')
  if (entry.isEncrypted())
    throw new ImportRefused('The archive is encrypted: unpack it to a folder, and name that with --photos.')
}

/** Chinese Windows writes names in GBK and says so nowhere. */
function nameOf(entry: Entry): string {
  const bytes = entry.fileNameRaw
  const guesses = entry.generalPurposeBitFlag & utf8Flag ? ['utf-8'] : ['utf-8', 'gb18030', 'latin1']
  for (const guess of guesses)
    try {
      return new TextDecoder(guess, { fatal: true }).decode(bytes).replaceAll('\\', '/')
    } catch {
      continue
    }
  throw new ImportRefused('The archive has a file name that cannot be read: make it again.')
}

async function readPhoto(zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > largestPhoto) throw new UnusablePhoto('photo_too_large')
  try {
    return await buffer(await zip.openReadStreamPromise(entry)) // never more than the size it states
  } catch (cause) {
    throw new UnusablePhoto('photo_unreadable', { cause })
  }
}
