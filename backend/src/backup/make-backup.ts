import type { EventLog } from '@custodia/streams/event-log'
import type { PhotoStore } from '../photo-store/photo-store.js'
import { locks } from '../record-store/locks.js'
import type { RecordStore } from '../record-store/record-store.js'
import type { Session } from '../record-store/session.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { pauseRemovals, removeNotedObjects, resumeRemovals } from '../vault/photos/photo-removals.js'
import type { BackupKey, Owner } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { copyOutLog, offsetsBeforeSnapshot } from './copy-log.js'
import { copyOutFiles } from './house-files.js'
import { keptKeys } from './kept-key.js'
import {
  backupId,
  markVerified,
  openBackup,
  ownerKeyName,
  partsOf,
  writeManifest,
  type Manifest,
  type OpenBackup,
} from './manifest.js'
import { claimTarget } from './owned-target.js'
import { DamagedPart, verifyPart } from './parts.js'
import { copyOutPhotos } from './photos.js'
import { prune, type Pruned } from './prune.js'
import { beginSnapshot, copyOutRecords } from './records.js'
import type { Keep } from './retention.js'
import { Runs, type Counts } from './runs.js'

export interface BackupSources {
  store: RecordStore
  log: EventLog
  photos: PhotoStore
  keys: KeyProvider
  /** folder of the key file, where this installation has one */
  keysDir: string
  rulesDir: string
}

export interface BackupOptions {
  target: BackupTarget
  /** as people know it */
  targetName: string
  owner: Owner
  keep: Keep
  version: string
  by: string
  now: () => Date
}

export interface MadeBackup {
  id: string
  counts: Counts
  /** recipient of the backup key, for the owner to write down, when it is new */
  newKey: string | undefined
  pruned: Pruned
}

/** Somebody else is making one now. */
export class BackupBusy extends Error {
  constructor() {
    super('Another backup is being made now: wait for it to end.')
  }
}

/** Makes a backup while the system runs, reads it back, and only then marks it as verified; then clears up. */
export async function makeBackup(sources: BackupSources, options: BackupOptions): Promise<MadeBackup> {
  const { store, photos, keys } = sources
  const { target, targetName: name, by, now } = options
  const runs = new Runs(store)
  return store.session(async (session) => {
    if (!(await leads(session))) throw new BackupBusy()
    await runs.endLost('backup', now())
    const startedAt = now()
    const id = backupId(startedAt)
    const run = await runs.begin({ kind: 'backup', backup: id, target: name, by, startedAt })
    try {
      await claimTarget(target, keys)
      const kept = await keptKeys(store, keys, options.owner)
      await target.put(ownerKeyName(id), kept.forOwner)
      const base = await baseOf(runs, target, kept.key)
      const { manifest, written } = await copyOut(session, sources, options, { id, key: kept.key, base })
      await writeManifest(target, manifest)
      await verify(target, kept.key, manifest, base)
      await markVerified(target, kept.key, id, now())
      const counts = countsOf(manifest, written)
      await runs.end(run, { state: 'verified', finishedAt: now(), counts })
      const pruned = await prune(target, kept.all, options.keep)
      await removeNotedObjects(store, photos)
      return { id, counts, newKey: kept.isNew ? kept.key.recipient : undefined, pruned }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      await runs.end(run, { state: 'failed', finishedAt: now(), problem }).catch(() => undefined)
      throw error
    }
  })
}

/** The order matters: see docs/backup.md. */
async function copyOut(
  session: Session,
  { log, photos, store, keysDir, rulesDir }: BackupSources,
  { target, version, now }: BackupOptions,
  { id, key, base }: { id: string; key: BackupKey; base: Manifest | undefined },
): Promise<{ manifest: Manifest; written: number }> {
  const before = await offsetsBeforeSnapshot(log)
  await pauseRemovals(session)
  await beginSnapshot(session)
  const made_at = now().toISOString()
  const records = await copyOutRecords(session, target, key, id)
  const { written, ...copied } = await copyOutPhotos(session, photos, target, key, id)
  await session.query('commit')
  await resumeRemovals(session)
  const logged = await copyOutLog(log, target, key, { before, base })
  // Last: a key that was added meanwhile may have wrapped something above.
  const file = { id, dir: keysDir, only: (name: string) => name === 'master.json' }
  const keys = await copyOutFiles(target, key, { ...file, name: 'keys' })
  const rules = await copyOutFiles(target, key, { id, name: 'rules', dir: rulesDir, only: (n) => /\.ya?ml$/.test(n) })
  await removeNotedObjects(store, photos)
  const manifest: Manifest = {
    format: 'custodia-backup/1',
    id,
    made_at,
    version,
    key: key.recipient,
    records,
    log: logged,
    photos: copied,
    ...(keys && { keys }),
    ...(rules && { rules }),
  }
  return { manifest, written }
}

/** Of two gateways that find one due, one makes it. */
async function leads(session: Session): Promise<boolean> {
  const [row] = await session.query<{ leads: boolean }>('select pg_try_advisory_lock($1) as leads', [locks.backup])
  return row?.leads === true
}

/** The last backup of this installation's own history, whose full parts need not be written again. */
async function baseOf(runs: Runs, target: BackupTarget, key: BackupKey): Promise<Manifest | undefined> {
  const newest = await runs.newest('backup', 'verified')
  const opened: OpenBackup | undefined =
    newest && (await openBackup(target, [key], newest.backup).catch(() => undefined)) // then everything is written
  return opened?.manifest
}

/** Reads back what was written now, decrypts and counts it; of what earlier backups wrote and verified, looks at the sizes. */
async function verify(target: BackupTarget, key: BackupKey, manifest: Manifest, base: Manifest | undefined) {
  const earlier = new Set(base ? partsOf(base).map(({ object }) => object) : [])
  for (const part of partsOf(manifest)) {
    if (!earlier.has(part.object)) await verifyPart(target, key, part)
    else if ((await target.size(part.object)) !== part.bytes) throw new DamagedPart(part.name, 'was altered or cut')
  }
}

function countsOf(manifest: Manifest, photosWritten: number): Counts {
  const rowsOf = (table: string) => manifest.records.tables.find((each) => each.table === table)?.part.rows ?? 0
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
  return {
    customers: rowsOf('customers'),
    photos: rowsOf('photos'),
    rows: sum(manifest.records.tables.map(({ part }) => part.rows)),
    log_records: sum(manifest.log.partitions.flatMap(({ segments }) => segments.map(({ rows }) => rows))),
    photo_objects: manifest.photos.objects,
    photo_objects_written: photosWritten,
    photo_objects_lost: manifest.photos.lost,
    bytes: sum(partsOf(manifest).map(({ bytes }) => bytes)) + manifest.photos.bytes,
  }
}
