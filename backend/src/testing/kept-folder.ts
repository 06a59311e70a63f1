import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cache = fileURLToPath(new URL('../../../node_modules/.cache/custodia', import.meta.url))
const run = promisify(execFile)

export interface KeptFolder {
  name: string
  /** files and folders that decide what is in it: when one changes, it is made anew */
  madeOf: string[]
  /** fills `dir`, which is not there yet, and lets go of it */
  make: (dir: string, base: string) => Promise<void>
}

/** Lays a copy at `to` of what takes long to make, such as an empty database with its schema, and is the same in every test file. */
export async function layKept(to: string, folder: KeptFolder): Promise<void> {
  const kept = join(cache, `${folder.name}-${await hashOf(folder.madeOf)}`)
  if (!existsSync(kept)) await make(kept, folder)
  await run('cp', ['-a', kept, to]) // with its owner: as root, PostgreSQL runs as somebody else
}

/** Two test files at once both make one; whoever comes second throws theirs away. */
async function make(kept: string, folder: KeptFolder): Promise<void> {
  await mkdir(cache, { recursive: true })
  const base = await mkdtemp(join(tmpdir(), 'custodia-kept-'))
  const growing = `${kept}.${base.slice(-6)}`
  try {
    await chmod(base, 0o711)
    await folder.make(join(base, 'made'), base)
    await run('cp', ['-a', join(base, 'made'), growing])
    await rename(growing, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error
    })
  } finally {
    for (const path of [base, growing]) await rm(path, { recursive: true, force: true })
  }
}

async function hashOf(paths: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths)
    for (const file of await filesOf(path)) hash.update(`${file}\0`).update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  const files = await readdir(path, { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort()
}
