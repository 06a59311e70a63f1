import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import type { Config } from '../../config.js'
import { fail, gibibytes, ok, warn, type Check, type Outcome } from './finding.js'

const gibibyte = 1024 ** 3

/** Owner, mode and free space of what is kept on this machine. */
export const dataDirectory = ({ dataDir }: Config): Check => ({
  name: 'data directory',
  otherwise: 'set CUSTODIA_DATA_DIR to a directory that this user owns',
  run: async () => {
    const found = statSync(dataDir, { throwIfNoEntry: false })
    if (!found)
      return [warn(`${dataDir} is not there`, 'the first start makes it; before, CUSTODIA_DATA_DIR may say another')]
    if (!found.isDirectory()) return [fail(`${dataDir} is not a directory`, 'set CUSTODIA_DATA_DIR to one')]
    return [...ownership(dataDir, found), ...space(dataDir)]
  },
})

function ownership(dataDir: string, { uid, mode }: { uid: number; mode: number }): Outcome[] {
  const us = process.getuid?.()
  if (us !== undefined && us !== 0 && uid !== us)
    return [fail(`${dataDir} belongs to user ${uid}, not to this one (${us})`, `chown -R ${us} ${dataDir}`)]
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return [fail(`${dataDir} cannot be written`, `chmod u+rwx ${dataDir}; a read-only mount needs a volume here`)]
  }
  // As root, the embedded database's user must be able to pass through: 0711, and nothing more.
  const tooOpen = mode & (us === 0 ? 0o066 : 0o077)
  const octal = (mode & 0o777).toString(8)
  return [
    tooOpen
      ? warn(`${dataDir} is open to others (mode ${octal})`, `chmod 700 ${dataDir}`)
      : ok(`${dataDir}, mode ${octal}`),
  ]
}

function space(dataDir: string): Outcome[] {
  const { bavail, blocks, bsize, ffree, files } = statfsSync(dataDir)
  const [free, total] = [bavail * bsize, blocks * bsize]
  const found = `${gibibytes(free)} of ${gibibytes(total)} free`
  if (files > 0 && ffree / files < 0.02)
    return [fail(`${found}, but hardly any inodes`, 'remove small files, or use a larger volume')]
  if (free < gibibyte)
    return [fail(found, 'make room now: without it no event is durable, and so no access is granted')]
  if (free < 10 * gibibyte || free / total < 0.1)
    return [warn(found, 'make room: the event log grows with every access')]
  return [ok(found)]
}

/** What this process may still take, of the machine or of its container. */
export const memory = (): Check => ({
  name: 'memory',
  otherwise: 'see what uses the memory of this machine',
  run: async () => {
    const free = process.availableMemory()
    const found = `${gibibytes(free)} available`
    if (free < gibibyte / 4) return [fail(found, 'end what else runs here, or give the machine or container 2 GiB')]
    if (free < gibibyte)
      return [warn(found, 'all on one machine needs about 1 GiB; a gateway or streams alone, half of that')]
    return [ok(found)]
  },
})
