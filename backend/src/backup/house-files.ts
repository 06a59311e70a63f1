import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { BackupKey } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { objectOf } from './manifest.js'
import { linesOf, readPart, writePart, type Part } from './parts.js'

/** Files of the data directory that no store holds: the key file, and rules of the house. */
const Line = z.strictObject({ file: z.string().regex(/^[^/\\\0]+$/), content: z.base64() })

/** Undefined where there are none. */
export async function copyOutFiles(
  target: BackupTarget,
  key: BackupKey,
  { id, name, dir, only }: { id: string; name: string; dir: string; only: (file: string) => boolean },
): Promise<Part | undefined> {
  const files = (await readdir(dir).catch(() => [])).filter(only).sort()
  if (files.length === 0) return undefined
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      const line: z.infer<typeof Line> = { file, content: (await readFile(join(dir, file))).toString('base64') }
      yield Buffer.from(`${JSON.stringify(line)}\n`)
    }
  }
  return writePart(target, key, { name, object: `${objectOf(id, name)}.age` }, lines())
}

/** Written only when the part was whole; each for its owner's eyes. A file that is there already is an error. */
export async function copyInFiles(target: BackupTarget, key: BackupKey, part: Part, dir: string): Promise<void> {
  const files: z.infer<typeof Line>[] = []
  for await (const line of linesOf(readPart(target, key, part))) files.push(Line.parse(JSON.parse(line)))
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const { file, content } of files) {
    const handle = await open(join(dir, file), 'wx', 0o600)
    try {
      await handle.writeFile(Buffer.from(content, 'base64'))
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  const directory = await open(dir, 'r')
  await directory.sync().finally(() => directory.close())
}
