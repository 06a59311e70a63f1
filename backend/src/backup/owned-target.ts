import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { NotInTarget, type BackupTarget } from './backup-target.js'

const mark = 'installation.txt'

/** A target is one installation's: what another one keeps there would be cleared away as nobody's. */
export async function claimTarget(target: BackupTarget, keys: KeyProvider): Promise<void> {
  await target.check()
  const ours = createHash('sha256').update(keys.hmacKey('backup-target')).digest('hex')
  const found = await target.get(mark).then(text, (error: unknown) => {
    if (error instanceof NotInTarget) return undefined
    throw error
  })
  if (found === undefined) await target.put(mark, Buffer.from(`${ours}\n`))
  else if (found.trim() !== ours)
    throw new Error('The backup target belongs to another installation: set CUSTODIA_BACKUP_TARGET to one of its own.')
}
