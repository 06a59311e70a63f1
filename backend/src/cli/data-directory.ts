import { accessSync, chmodSync, constants, mkdirSync, rmSync } from 'node:fs'
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
    for (const room of ['log', 'clickhouse', 'photos', 'keys', 'run']) {
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
      const why =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} is taken by another program`
          : `Port ${port} on ${host} cannot be used (${cause.code})`
      reject(new StartError(`${why}: set PORT to a free one.`, { cause }))
    })
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}
