import { StartError } from '../cli/start-error.js'
import type { Config } from '../config.js'
import type { BackupSettings } from './settings.js'

export function requireSettings({ backup }: Pick<Config, 'backup'>): BackupSettings {
  if (backup) return backup
  throw new StartError(
    'No backups are configured: set CUSTODIA_BACKUP_TARGET, and CUSTODIA_BACKUP_RECIPIENT (custodia backup --new-identity makes one).',
  )
}
