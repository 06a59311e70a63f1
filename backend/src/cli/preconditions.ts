import { accessSync, chmodSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { StartError } from './start-error.js'

/** Makes the data directory and its rooms; one sentence when that cannot be. Others may pass through it only for our own servers. */
export function prepareDataDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
    // As root the database server runs as nobody, and must be able to pass through to its own directory.
    chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700)
    for (const room of ['log', 'clickhouse', 'photos', 'keys', 'run', 'logs']) {
      mkdirSync(join(dataDir, room), { recursive: true })
      chmodSync(join(dataDir, room), 0o700)
    }
  } catch (cause) {
    throw new StartError(
      `The data directory ${dataDir} cannot be written: set CUSTODIA_DATA_DIR to one that this user owns.`,
      { cause },
    )
  }
}

/** The mark of a restore that is filling a data directory. */
export const unfinishedRestore = 'RESTORE-UNFINISHED'

/** Half a restore looks like an installation, and is none. */
export function requireNoHalfRestore(dataDir: string): void {
  if (existsSync(join(dataDir, unfinishedRestore)))
    throw new StartError(
      `A restore into ${dataDir} did not finish: remove everything in it and run \`custodia restore\` again.`,
    )
}

/** Holds the directory for this process: a socket that answers while it lives, and is free again however it ends. */
export async function lockDataDirectory(dataDir: string, socketPath: string): Promise<Server> {
  if (await answers(socketPath))
    throw new StartError(
      `Custodia is running on ${dataDir} already: stop it first, or set CUSTODIA_DATA_DIR to another directory.`,
    )
  rmSync(socketPath, { force: true })
  const lock = createServer((visitor) => visitor.end())
  await new Promise<void>((resolve, reject) => lock.once('error', reject).listen(socketPath, resolve))
  lock.unref()
  return lock
}

const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const visitor = connect(socketPath, () => {
      visitor.destroy()
      resolve(true)
    }).once('error', () => resolve(false))
  })

/** A taken port is told before anything is started. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new StartError(whyNot(cause.code, port, host), { cause }))
    })
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

const whyNot = (code: string | undefined, port: number, host: string): string => {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program: set PORT to a free one.`
  if (code === 'EACCES') return `Port ${port} needs rights that this user does not have: set PORT to one above 1023.`
  return `This machine cannot listen on ${host} (${code}): set HOST to one of its own addresses.`
}
