import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canReach, makePrivateDirectory, type ServerUser } from './embedded-user.js'

/** The kernel limits a Unix socket's path to 103 (macOS) or 107 bytes. */
const longestSocketPath = 100
const noteIn = (runDir: string) => join(runDir, 'postgres.socket-directory')

/**
 * A directory that only the server's user may enter: `postgres` in the run directory, or, where that is too long a path or
 * out of the server's reach, one under the system's temporary directory. A note in the run directory tells which.
 */
export async function openSocketDirectory(runDir: string, runAs: ServerUser) {
  await mkdir(runDir, { recursive: true, mode: 0o711 })
  const wanted = join(runDir, 'postgres')
  const suits = Buffer.byteLength(join(wanted, '.s.PGSQL.5432')) <= longestSocketPath && (await canReach(wanted, runAs))
  const path = suits ? wanted : await mkdtemp(join(tmpdir(), 'custodia-'))
  await makePrivateDirectory(path, runAs)
  await writeFile(noteIn(runDir), path, { mode: 0o600 })
  const close = async () => {
    await rm(noteIn(runDir), { force: true })
    await rm(path, { recursive: true, force: true })
  }
  return { path, close }
}

export function findSocketDirectory(runDir: string): string {
  try {
    return readFileSync(noteIn(runDir), 'utf8')
  } catch (cause) {
    throw new Error(`No built-in PostgreSQL runs for ${runDir}: start it first, or name a PostgreSQL server.`, {
      cause,
    })
  }
}
