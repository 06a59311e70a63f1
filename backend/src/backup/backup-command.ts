import { parseArgs } from 'node:util'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment, type Config } from '../config.js'
import { backupInstallation } from './backup-installation.js'
import { BackupBusy } from './make-backup.js'
import { backupsIn } from './manifest.js'
import { openTarget } from './open-target.js'
import { requireSettings } from './require-settings.js'
import { openRunningSystem } from '../cli/running-system.js'
import type { BackupSettings } from './settings.js'

export const backupUsage = `usage: custodia backup [--list [--from <target>] | --new-identity | --scheduled]

  (nothing)       makes a backup of the running system in CUSTODIA_BACKUP_TARGET, reads it back and marks it verified
  --list          the backups in the target
  --new-identity  makes an age identity, whose owner alone can open the backups; prints it once and keeps nothing
  --scheduled     as the gateway runs it: silent where another backup is being made`

export const backupFlags = {
  help: { type: 'boolean' },
  list: { type: 'boolean' },
  from: { type: 'string' },
  'new-identity': { type: 'boolean' },
  scheduled: { type: 'boolean' },
} as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Whoever may run it can read the key file and so everything; it is open to nobody else. */
export async function backupCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: backupFlags })
  if (values.help) return say(backupUsage)
  if (values['new-identity']) return newIdentity()
  const config = readConfigFromEnvironment()
  if (values.list) return list(config, values.from)
  const settings = requireSettings(config)
  await backup(config, settings, values.scheduled === true)
}

async function newIdentity(): Promise<void> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  say(`# Keep this identity apart from this machine and from the backups: on paper in a safe, or in a password safe.
# Without it no backup can ever be opened; with it and a backup, everything can. It is shown once.
# public key: ${recipient}
${identity}

Set CUSTODIA_BACKUP_RECIPIENT=${recipient}`)
}

async function list(config: Config, from: string | undefined): Promise<void> {
  const target = await openTarget(from ?? requireSettings(config).target, config.backupS3)
  try {
    const backups = await backupsIn(target)
    for (const { id, verified } of backups) say(`${id}  ${verified ? 'verified' : 'not verified: cannot be restored'}`)
    if (backups.length === 0) say('There are no backups yet.')
  } finally {
    target.close()
  }
}

async function backup(config: Config, settings: BackupSettings, scheduled: boolean): Promise<void> {
  // a person is told below; the gateway's log wants the line
  const app = await openRunningSystem(scheduled ? config : { ...config, logLevel: 'warn' })
  try {
    const { id, counts, newKey, pruned } = await backupInstallation(app, config, settings)
    if (scheduled) return
    say(`Backup ${id} is in ${settings.target}, read back and verified:`)
    for (const [name, n] of Object.entries(counts)) say(`  ${name.replaceAll('_', ' ').padEnd(22)} ${n}`)
    if (pruned.removed > 0) say(`Earlier backups removed, as CUSTODIA_BACKUP_KEEP says: ${pruned.removed}`)
    if (pruned.unreadable.length > 0)
      say(`These do not open and were left alone, with everything shared: ${pruned.unreadable.join(', ')}`)
    if (newKey) sayHowToKeep(settings, newKey)
  } catch (error) {
    if (!(error instanceof BackupBusy)) throw new StartError(String((error as Error).message), { cause: error })
    if (!scheduled) throw new StartError(error.message, { cause: error })
  } finally {
    await app.close()
  }
}

function sayHowToKeep({ owner }: BackupSettings, key: string): void {
  const opener =
    'recipient' in owner
      ? 'the age identity that CUSTODIA_BACKUP_RECIPIENT belongs to'
      : 'the passphrase of CUSTODIA_BACKUP_PASSPHRASE'
  say(`
This is the first backup for this owner. Keep apart from this machine and from the backups, now:
  1. ${opener}: without it no backup opens, with it and a backup everything does
  2. this key: \`custodia restore --key\` checks that a backup is this installation's and nobody else's
     ${key}`)
}
