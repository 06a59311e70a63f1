import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'
import { contextOf, newDataKey, openField, sealField } from '../vault/keys/envelope.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { newBackupKey, wrapForOwner, type BackupKey, type Owner } from './backup-key.js'

const name = 'backup-key'
const place = contextOf('backup', 'key')
const Kept = z.strictObject({ owner: z.string(), data_key: z.base64(), identity: z.base64(), for_owner: z.base64() })
type Kept = z.infer<typeof Kept>

export interface KeptKeys {
  /** what the next backup is encrypted with */
  key: BackupKey
  /** the file `key.age` of every backup: the key, for the owner to open */
  forOwner: Buffer
  /** every key so far, for backups of earlier owners */
  all: BackupKey[]
  /** made just now: nobody has been told yet how to keep what opens it */
  isNew: boolean
}

/** The installation's backup keys, kept sealed among the records. A new owner gets a new key; the earlier ones stay. */
export async function keptKeys(store: RecordStore, keys: KeyProvider, owner: Owner): Promise<KeptKeys> {
  const owned = ownerName(keys, owner)
  const kept = await read(store)
  const known = kept.find((each) => each.owner === owned)
  if (!known) kept.push(await make(keys, owner, owned))
  const current = known ?? kept.at(-1)!
  if (!known)
    await store.db
      .insert(settings)
      .values({ key: name, value: kept })
      .onConflictDoUpdate({ target: settings.key, set: { value: kept } })
  return {
    key: await open(keys, current),
    forOwner: Buffer.from(current.for_owner, 'base64'),
    all: await Promise.all(kept.map((each) => open(keys, each))),
    isNew: !known,
  }
}

/** What opens the backups made so far. */
export async function knownKeys(store: RecordStore, keys: KeyProvider): Promise<BackupKey[]> {
  return Promise.all((await read(store)).map((each) => open(keys, each)))
}

async function read(store: RecordStore): Promise<Kept[]> {
  const [row] = await store.db.select().from(settings).where(eq(settings.key, name))
  return row ? z.array(Kept).parse(row.value) : []
}

async function make(keys: KeyProvider, owner: Owner, owned: string): Promise<Kept> {
  const key = await newBackupKey()
  const dataKey = await newDataKey(keys, place)
  return {
    owner: owned,
    data_key: dataKey.wrapped.toString('base64'),
    identity: sealField(dataKey.key, JSON.stringify(key), place).toString('base64'),
    for_owner: Buffer.from(await wrapForOwner(key, owner)).toString('base64'),
  }
}

async function open(keys: KeyProvider, kept: Kept): Promise<BackupKey> {
  const dataKey = await keys.unwrap(Buffer.from(kept.data_key, 'base64'), place)
  return JSON.parse(openField(dataKey, Buffer.from(kept.identity, 'base64'), place)) as BackupKey
}

/** A recipient is no secret; of a passphrase only a keyed hash is kept. */
function ownerName(keys: KeyProvider, owner: Owner): string {
  if ('recipient' in owner) return owner.recipient
  const hash = createHash('sha256').update(keys.hmacKey('backup-owner')).update(owner.passphrase)
  return `passphrase ${hash.digest('hex')}`
}
