import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { pino } from 'pino'
import { readConfig, type Config } from '../../config.js'
import { startTestGateway, type TestGateway } from '../../testing/gateway.js'
import { backupInstallation } from '../backup-installation.js'
import type { BackupTarget } from '../backup-target.js'
import { findBackup, openAsOwner } from '../find-backup.js'
import { openFolderTarget } from '../folder-target.js'
import type { MadeBackup } from '../make-backup.js'
import { inNewPlace, requireEmptyDataDir } from '../place.js'
import { restoreBackup } from '../restore-backup.js'
import type { Counts } from '../runs.js'

export interface BackedUp {
  gateway: TestGateway
  config: Config
  folder: string
  target: BackupTarget
  /** the owner's */
  identity: string
  backup(now?: () => Date): Promise<MadeBackup>
  /** restores the newest backup, or this one, to a new machine; resolves with its configuration */
  restore(id?: string): Promise<{ config: Config; counts: Counts }>
  stop(): Promise<void>
}

/** A running system with a folder that its backups go to, and new machines to restore them to. */
export async function startBackedUp(): Promise<BackedUp> {
  const base = await mkdtemp(join(tmpdir(), 'custodia-backup-'))
  await chmod(base, 0o711)
  const folder = join(base, 'target')
  await mkdir(folder)
  const identity = await generateX25519Identity()
  const env = {
    CUSTODIA_BACKUP_TARGET: folder,
    CUSTODIA_BACKUP_RECIPIENT: await identityToRecipient(identity),
    CUSTODIA_BACKUP_SCHEDULE: 'off',
  }
  const gateway = await startTestGateway({ env })
  const common = {
    PORT: '0',
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_LOG_LEVEL: 'silent',
    CUSTODIA_HOLD_TIMEOUT_MS: '30000',
    CUSTODIA_APPEND_TIMEOUT_MS: '10000',
    ...env,
  }
  const config = readConfig({ ...common, CUSTODIA_DATA_DIR: gateway.dataDir })
  const target = await openFolderTarget(folder)
  let machines = 0
  return {
    gateway,
    config,
    folder,
    target,
    identity,
    backup: (now) => backupInstallation(gateway.app, config, config.backup!, now),
    restore: async (wanted) => {
      const machine = readConfig({ ...common, CUSTODIA_DATA_DIR: join(base, `machine-${++machines}`) })
      await requireEmptyDataDir(machine)
      const backup = await openAsOwner(target, await findBackup(target, wanted), { identity })
      const say = () => undefined
      const logger = pino({ level: 'silent' })
      const counts = await inNewPlace(machine, say, () =>
        restoreBackup({ config: machine, target, backup, photos: 'keep', logger, say }),
      )
      return { config: machine, counts }
    },
    stop: async () => {
      await gateway.stop()
      await rm(base, { recursive: true, force: true })
    },
  }
}
