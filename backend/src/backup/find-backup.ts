import { buffer } from 'node:stream/consumers'
import { unwrapAsOwner, type BackupKey, type OwnerSecret } from './backup-key.js'
import { NotInTarget, type BackupTarget } from './backup-target.js'
import { backupsIn, openBackup, ownerKeyName, type OpenBackup } from './manifest.js'
import { DamagedPart } from './parts.js'

/** Says why there is nothing to restore, and what to do. */
export class NoBackup extends Error {}

/** The backup of this id, or the newest one that was verified. */
export async function findBackup(target: BackupTarget, wanted: string | undefined): Promise<string> {
  const verified = (await backupsIn(target)).filter((backup) => backup.verified).map(({ id }) => id)
  const found = wanted === undefined ? verified.at(-1) : verified.find((id) => id === wanted)
  if (found === undefined)
    throw new NoBackup(
      wanted === undefined
        ? 'The backup target holds no verified backup: see that it names the right folder or bucket.'
        : `The backup target holds no verified backup ${wanted}: \`custodia backup --list\` names those that it has.`,
    )
  return found
}

/** Opens a backup with nothing but what its owner kept. `expected` is the key that was printed at the first backup. */
export async function openAsOwner(
  target: BackupTarget,
  id: string,
  secret: OwnerSecret,
  expected?: string,
): Promise<OpenBackup> {
  const wrapped = await target.get(ownerKeyName(id)).then(buffer, (cause: unknown) => {
    throw cause instanceof NotInTarget ? new DamagedPart('key.age', 'is missing', { cause }) : cause
  })
  const key: BackupKey = await unwrapAsOwner(wrapped, secret)
  if (expected !== undefined && key.recipient !== expected)
    throw new DamagedPart('key.age', 'is not the one of the key that was named')
  return openBackup(target, [key], id)
}
