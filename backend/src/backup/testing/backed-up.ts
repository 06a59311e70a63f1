import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { readConfig, type Config } from '../../config.js'
import { startTestGateway, type GatewayOptions, type TestGateway } from '../../testing/gateway.js'
import { backupInstallation } from '../backup-installation.js'
import type { BackupTarget } from '../backup-target.js'
import { openFolderTarget } from '../folder-target.js'
import type { MadeBackup } from '../make-backup.js'
import type { Counts } from '../runs.js'
import { restoreToNewMachine } from './new-machine.js'

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
export async function startBackedUp(options: Pick<GatewayOptions, 'rules'> = {}): Promise<BackedUp> {
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
  const gateway = await startTestGateway({ ...options, env })
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'http://localhost:8080',
    CUSTODIA_LOG_LEVEL: 'silent',
    ...env,
    CUSTODIA_DATA_DIR: gateway.dataDir,
  })
  const target = await openFolderTarget(folder)
  let machines = 0
  return {
    gateway,
    config,
    folder,
    target,
    identity,
    backup: (now) => backupInstallation(gateway.app, config, config.backup!, now),
    restore: (id) => restoreToNewMachine({ dataDir: join(base, `machine-${++machines}`), target, identity, id, env }),
    stop: async () => {
      await gateway.stop()
      await rm(base, { recursive: true, force: true })
    },
  }
}
