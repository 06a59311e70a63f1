import type { RuleFile } from '@custodia/contracts'
import { requireInstallation } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import type { Config } from '../config.js'
import { postgresSocketOf } from '../record-store/embedded.js'
import { readOnly } from '../record-store/read-only.js'
import type { Queries } from '../record-store/record-store.js'
import { liveFiles } from './rule-rows.js'

const patienceMs = 4000

/** Of the record store that the configuration names. A command that looks neither migrates it nor writes to it. */
export async function fromRecords<T>(config: Config, read: (tx: Queries) => Promise<T>): Promise<T> {
  requireInstallation(config)
  return readOnly(config.postgresUrl ?? postgresSocketOf(config.postgresRunDir), patienceMs, read).catch(
    (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new StartError(`The rules in force cannot be read from PostgreSQL: ${why}. Is the system running?`, {
        cause,
      })
    },
  )
}

/** The rules in force, as the running system has them: files alone do not tell, since rules are edited on the page. */
export const publishedFiles = (config: Config): Promise<RuleFile[]> => fromRecords(config, liveFiles)
