import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
const journalOf = (path: string) => join(path, 'meta', '_journal.json')

interface Journal {
  entries: { when: number }[]
}

/** Hands `use` the folder of migrations; with `until`, one that ends with the migration of that time, as it was then. */
export async function withMigrations<T>(until: number | undefined, use: (folder: string) => Promise<T>): Promise<T> {
  if (until === undefined) return use(folder)
  const journal = JSON.parse(await readFile(journalOf(folder), 'utf8')) as Journal
  const entries = journal.entries.filter(({ when }) => when <= until)
  if (entries.at(-1)?.when !== until)
    throw new Error('The records have a schema that this version does not know: use the version that wrote them.')
  const shortened = await mkdtemp(join(tmpdir(), 'custodia-migrations-'))
  try {
    await cp(folder, shortened, { recursive: true })
    await writeFile(journalOf(shortened), JSON.stringify({ ...journal, entries }))
    return await use(shortened)
  } finally {
    await rm(shortened, { recursive: true })
  }
}
