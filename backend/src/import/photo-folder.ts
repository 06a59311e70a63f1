import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ImportRefused } from './codes.js'
import { isLitter, largestPhoto, mostFiles, UnusablePhoto, type PhotoFile, type PhotoSource } from './photo-source.js'

/** The files below a folder. Links are followed nowhere: a photo folder must not reach the rest of the disk. */
export async function openPhotoFolder(root: string): Promise<PhotoSource> {
  const files: PhotoFile[] = []
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const place = join(directory, entry.name)
      if (entry.isDirectory()) await walk(place)
      const path = relative(root, place).split(sep).join('/')
      if (!entry.isFile() || isLitter(path)) continue
      files.push({ path, read: () => readPhoto(place) })
      if (files.length > mostFiles)
        throw new ImportRefused(`There are more than ${mostFiles} files: import them in several parts.`)
    }
  }
  await walk(root)
  return { files, close: () => undefined }
}

async function readPhoto(path: string): Promise<Buffer> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const { size } = await file.stat()
      if (size > largestPhoto) throw new UnusablePhoto('photo_too_large')
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw cause instanceof UnusablePhoto ? cause : new UnusablePhoto('photo_unreadable', { cause })
  }
}
