import { existsSync } from 'node:fs'
import { chown, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Whom PostgreSQL runs as, since it refuses root. Undefined: as ourselves. */
export type ServerUser = { uid: number; gid: number } | undefined

const nobody = { uid: 65534, gid: 65534 }

/** As root an unprivileged user: the owner of an existing data directory, else `nobody`. */
export async function serverUser(dataDir: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined
  if (!existsSync(dataDir)) return nobody
  const { uid, gid } = await stat(dataDir)
  return uid === 0 ? nobody : { uid, gid }
}

/** Makes a directory that only the server's user may enter. */
export async function makePrivateDirectory(path: string, user: ServerUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (user) await chown(path, user.uid, user.gid)
}

/** Rejects with one sentence when `user` cannot enter one of `path`'s parents. */
export async function requireReachable(path: string, user: ServerUser): Promise<void> {
  const closed = await closedParent(path, user)
  if (closed === undefined) return
  throw new Error(
    `PostgreSQL does not run as root, and the unprivileged user ${user!.uid} cannot enter ${closed}, which is above ${path}: ` +
      `run "chmod o+x ${closed}", choose a place that others may enter, or start as an ordinary user.`,
  )
}

export const canReach = async (path: string, user: ServerUser) => (await closedParent(path, user)) === undefined

/** By mode bits: root itself is never refused, so trying tells nothing. */
async function closedParent(path: string, user: ServerUser): Promise<string | undefined> {
  if (!user) return undefined
  for (const directory of parentsOf(path)) {
    if (existsSync(directory) && !(await mayEnter(directory, user))) return directory
  }
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
