import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { promisify } from 'node:util'

/**
 * Whom PostgreSQL runs as, since it refuses root. Undefined: as ourselves. `carried`: below a directory that only root may
 * enter, such as /root, so it keeps the one capability that lets it pass through, and nothing else of root's.
 */
export type ServerUser = { uid: number; gid: number; carried: boolean } | undefined

const nobody = { uid: 65534, gid: 65534 }

/**
 * As root an unprivileged user: the owner of an existing data directory, else `nobody`. Rejects with one sentence when that
 * user can neither enter a parent of one of `paths` nor be carried past it.
 */
export async function serverUser(dataDir: string, paths: string[]): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined
  const owner = existsSync(dataDir) ? await stat(dataDir) : nobody
  const user = owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid }
  const closed = await firstClosed([dataDir, ...paths], user)
  if (closed === undefined) return { ...user, carried: false }
  if (await canCarry(user)) return { ...user, carried: true }
  throw new Error(
    `PostgreSQL does not run as root, and the unprivileged user ${user.uid} cannot enter ${closed.directory}, which is above ${closed.path}: ` +
      `run "chmod o+x ${closed.directory}", choose a place that others may enter, or start as an ordinary user.`,
  )
}

/** A program and its arguments as `execFile` and `spawn` take them, to run as that user. */
export function commandAs(
  user: ServerUser,
  file: string,
  args: string[],
): [string, string[], { cwd: string; uid?: number; gid?: number }] {
  if (!user) return [file, args, { cwd: '/' }]
  const { uid, gid } = user
  if (!user.carried) return [file, args, { cwd: '/', uid, gid }]
  // The program is named from its own directory: the capability counts only once it runs.
  return ['setpriv', [...carriedAs(user), `./${basename(file)}`, ...args], { cwd: dirname(file) }]
}

/** Search and read anywhere, kept across the change of user and counted by access(2) too; needs util-linux and Linux 4.3. */
const carriedAs = ({ uid, gid }: { uid: number; gid: number }): string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--inh-caps=+dac_read_search',
  '--ambient-caps=+dac_read_search',
  '--securebits=+no_setuid_fixup',
  '--',
]

const canCarry = (user: { uid: number; gid: number }): Promise<boolean> =>
  promisify(execFile)('setpriv', [...carriedAs(user), 'true']).then(
    () => true,
    () => false,
  )

/** Makes a directory that only the server's user may enter. */
export async function makePrivateDirectory(path: string, user: ServerUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (user) await chown(path, user.uid, user.gid)
}

/** Whether the server can reach a path that is not there yet. */
export const canReach = async (path: string, user: ServerUser): Promise<boolean> =>
  !user || user.carried || (await firstClosed([path], user)) === undefined

/** By mode bits: root itself is never refused, so trying tells nothing. */
async function firstClosed(
  paths: string[],
  user: { uid: number; gid: number },
): Promise<{ directory: string; path: string } | undefined> {
  for (const path of paths)
    for (const directory of parentsOf(path))
      if (existsSync(directory) && !(await mayEnter(directory, user))) return { directory, path }
  return undefined
}

function parentsOf(path: string): string[] {
  const parent = dirname(resolve(path))
  return parent === resolve(path) ? [] : [...parentsOf(parent), parent]
}

async function mayEnter(directory: string, user: { uid: number; gid: number }): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory)
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
  return (mode & bit) !== 0
}
