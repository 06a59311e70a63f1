import { pino } from 'pino'
import { readConfig, type Config } from '../../config.js'
import type { BackupTarget } from '../backup-target.js'
import { findBackup, openAsOwner } from '../find-backup.js'
import { inNewPlace, requireEmptyDataDir } from '../place.js'
import { restoreBackup } from '../restore-backup.js'
import type { Counts } from '../runs.js'

export interface NewMachine {
  /** an empty data directory, or one that is not there yet */
  dataDir: string
  target: BackupTarget
  /** the owner's */
  identity: string
  /** which backup; the newest */
  id?: string | undefined
  env?: Record<string, string>
}

/** Restores a backup to a machine that has nothing, as `custodia restore` does; resolves with its configuration. */
export async function restoreToNewMachine({
  dataDir,
  target,
  identity,
  id,
  env,
}: NewMachine): Promise<{ config: Config; counts: Counts }> {
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_LOG_LEVEL: 'silent',
    CUSTODIA_HOLD_TIMEOUT_MS: '30000',
    CUSTODIA_APPEND_TIMEOUT_MS: '10000',
    ...env,
    CUSTODIA_DATA_DIR: dataDir,
  })
  await requireEmptyDataDir(config)
  const backup = await openAsOwner(target, await findBackup(target, id), { identity })
  const say = () => undefined
  const logger = pino({ level: 'silent' })
  const counts = await inNewPlace(config, say, () =>
    restoreBackup({ config, target, backup, photos: 'keep', logger, say }),
  )
  return { config, counts }
}
