import { stat } from 'node:fs/promises'
import { ImportRefused, type ReasonCode } from './codes.js'

export const largestPhoto = 20 * 1024 * 1024
export const mostFiles = 200_000

/** A file that rows may name. Nothing of it is read before a row does. */
export interface PhotoFile {
  /** inside the folder or archive, with / between its parts */
  path: string
  /** rejects with UnusablePhoto */
  read(): Promise<Buffer>
}

export interface PhotoSource {
  files: PhotoFile[]
  close(): void
}

/** One photo that cannot be used; its row is refused, the others go on. */
export class UnusablePhoto extends Error {
  constructor(
    readonly code: ReasonCode,
    options?: ErrorOptions,
  ) {
    super(code, options)
  }
}

export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new ImportRefused(`There are no photos at ${path}: name a folder or a zip archive with --photos.`)
  return found.isDirectory()
}

/** What systems leave behind in folders and archives. */
export const isLitter = (path: string): boolean =>
  path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX') ||
  /(^|\/)(thumbs\.db|desktop\.ini)$/i.test(path)
