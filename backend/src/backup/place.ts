import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateSocketPath } from '@custodia/streams/audit-store'
import { embeddedServers } from '../cli/embedded-servers.js'
import { lockDataDirectory, prepareDataDirectory, unfinishedRestore } from '../cli/preconditions.js'
import { StartError } from '../cli/start-error.js'
import type { Config } from '../config.js'

/** What a new disk has by itself. */
const nothing: ReadonlySet<string> = new Set(['lost+found', unfinishedRestore])

/** Refuses a data directory that holds anything: restoring never overwrites. What an unfinished restore left has to go too. */
export async function requireEmptyDataDir({ dataDir }: Config): Promise<void> {
  const found = await readdir(dataDir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const [first] = found.filter((name) => !nothing.has(name))
  if (first === undefined) return
  const unfinished = found.includes(unfinishedRestore)
  throw new StartError(
    unfinished
      ? `A restore into ${dataDir} did not finish: remove everything in it and run the restore again.`
      : `${dataDir} is not empty (it has ${first}): restore into an empty data directory, by CUSTODIA_DATA_DIR. Nothing was changed.`,
  )
}

/**
 * Holds the data directory and runs the servers that this machine lacks while `work` fills it. Until that is done a mark in the
 * directory keeps anybody from starting on half a restore.
 */
export async function inNewPlace<T>(config: Config, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  prepareDataDirectory(config.dataDir)
  const lock = await lockDataDirectory(config.dataDir, privateSocketPath(config.dataDir, 'supervisor.sock'))
  const mark = join(config.dataDir, unfinishedRestore)
  await writeFile(mark, 'A restore is filling this directory.\n')
  const servers = embeddedServers(config, { say, onPostgresMoved: () => undefined })
  try {
    await Promise.all(servers.map((server) => server.start()))
    const result = await work()
    await rm(mark)
    return result
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    lock.close()
  }
}
