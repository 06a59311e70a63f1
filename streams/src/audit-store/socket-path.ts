import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Unix sockets have room for 107 bytes on Linux and 103 on macOS. */
const longestPath = 100

/**
 * Where a socket of a data directory is: `<data>/run/<name>`, or, where that path is too long for a socket, in a short
 * directory of its own below the system's temporary one. Every process that asks gets the same answer, and the directory
 * is ours alone.
 */
export const privateSocketPath = (dataDir: string, name: string): string => {
  const inData = join(resolve(dataDir), 'run', name)
  const path = Buffer.byteLength(inData) <= longestPath ? inData : join(tmpdir(), shortName(dataDir), name)
  const dir = join(path, '..')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(dir)
  const ours = process.getuid === undefined || uid === process.getuid()
  if (!ours || (mode & 0o170077) !== 0o040000) throw new Error(`The directory ${dir} must be private (mode 0700).`)
  return path
}

const shortName = (dataDir: string): string =>
  `custodia-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`
