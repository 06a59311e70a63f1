import { dirname, join } from 'node:path'
import type { AuditStore } from '@custodia/streams/audit-store'
import { fillEmbeddedEventLog, fillKafkaEventLog, type EventLog } from '@custodia/streams/event-log'
import { startLanding } from '@custodia/streams/landing'
import { eq, isNull, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { openAuditStore, openEventLog, openKeys, openPhotoStore, openRecordStore } from '../adapters.module.js'
import { StartError } from '../cli/start-error.js'
import { keyFileOf, type Config } from '../config.js'
import { logNameKey } from '../live/log-name.js'
import { postgresSocketOf } from '../record-store/embedded.js'
import { RecordStore } from '../record-store/record-store.js'
import { backupRuns, sessions, settings } from '../record-store/schema.js'
import type { Session } from '../record-store/session.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { open } from '../vault/keys/envelope.js'
import { placeOfObject } from '../vault/photos/photo-place.js'
import type { BackupTarget } from './backup-target.js'
import { copyInFiles } from './house-files.js'
import { knownKeys } from './kept-key.js'
import { openBackup, type OpenBackup } from './manifest.js'
import { DamagedPart } from './parts.js'
import { eachPhoto, patiently } from './photos.js'
import { copyInRecords, countRows } from './records.js'
import { copyInLog } from './restore-log.js'
import { untilLanded } from './until-landed.js'
import type { Counts } from './runs.js'

export interface RestoreOptions {
  /** the place: an empty one, whose servers run */
  config: Config
  target: BackupTarget
  backup: OpenBackup
  /** `keep`: photos go into the photo store. `open`: each is decrypted with the restored keys and let go, for a drill. */
  photos: 'keep' | 'open'
  logger: Logger
  say: (line: string) => void
}

/** Restores a backup into an empty place and compares everything with what the backup says. Resolves with what is there now. */
export async function restoreBackup({ config, target, backup, photos, logger, say }: RestoreOptions): Promise<Counts> {
  const { manifest, key } = backup
  if (manifest.keys) await copyInFiles(target, key, manifest.keys, dirname(keyFileOf(config)))
  const house = config.rulesDirs.at(-1)
  if (manifest.rules && house) await copyInFiles(target, key, manifest.rules, house)
  say('keys: restored')

  const rows = await restoreRecords(config, target, backup)
  say(`records: ${rows} rows in ${manifest.records.tables.length} tables`)
  const logged = await fillLog(config, target, backup, say)

  const records = await openRecordStore(config, logger)
  const log = await openEventLog(config)
  const audit = openAuditStore(config, 'migrator')
  try {
    const keys = await openKeys(config, records)
    await afterwards(records, manifest.id)
    const objects = await restorePhotos(config, target, backup, { photos, keys })
    say(`photos: ${objects} objects ${photos === 'keep' ? 'restored' : 'opened'}`)
    await requireEmptyAuditStore(audit)
    const landed = await land(log, audit, logger, say)
    return { rows, log_records: logged, photo_objects: objects, accesses: landed }
  } finally {
    await Promise.allSettled([log.close(), audit.close(), records.close()])
  }
}

/**
 * Restores what was in the log, and the audit store from it, where both are empty and everything else of the installation is
 * there: records, photos, keys. The backup is opened with the key that the installation keeps, so it is its own.
 */
export async function restoreLog({
  config,
  target,
  id,
  logger,
  say,
}: Pick<RestoreOptions, 'config' | 'target' | 'logger' | 'say'> & { id: string }): Promise<Counts> {
  const records = await openRecordStore(config, logger)
  const audit = openAuditStore(config, 'migrator')
  try {
    const keys = await openKeys(config, records)
    const backup = await openBackup(target, await knownKeys(records, keys), id)
    await requireEmptyAuditStore(audit) // before anything is in the log: then this can be run again
    const logged = await fillLog(config, target, backup, say)
    const log = await openEventLog(config)
    const landed = await land(log, audit, logger, say).finally(() => log.close())
    return { log_records: logged, accesses: landed }
  } finally {
    await Promise.allSettled([audit.close(), records.close()])
  }
}

async function fillLog(
  config: Config,
  target: BackupTarget,
  { manifest, key }: OpenBackup,
  say: (line: string) => void,
): Promise<number> {
  const filling = await (config.kafka
    ? fillKafkaEventLog({ ...config.kafka, clientId: 'custodia-restore' })
    : fillEmbeddedEventLog({ dir: join(config.dataDir, 'log') }))
  await copyInLog(filling, target, key, manifest.log).finally(() => filling.close())
  const logged = manifest.log.partitions.flatMap(({ segments }) => segments).reduce((sum, { rows: n }) => sum + n, 0)
  say(`event log: ${logged} records, at the places that they had`)
  return logged
}

/** All tables in one transaction, which is committed only when every part was whole and every row is there. */
async function restoreRecords(config: Config, target: BackupTarget, { manifest, key }: OpenBackup): Promise<number> {
  const { records } = manifest
  const store = await RecordStore.open({
    connection: config.postgresUrl ?? postgresSocketOf(config.postgresRunDir),
    schemaOf: records.schema,
    onError: () => undefined, // the statement that runs fails by itself
  })
  try {
    return await store.session(async (session: Session) => {
      const tables = records.tables.map(({ table }) => table)
      const [used] = [...(await countRows(session, tables))].find(([, rows]) => rows > 0) ?? []
      if (used) throw new StartError(`The record store is not empty (table ${used}): restore into an empty database.`)
      await session.query('begin')
      await copyInRecords(session, target, key, records)
      const counts = await countRows(session, tables)
      for (const { table, part } of records.tables)
        if (counts.get(table) !== part.rows) throw new DamagedPart(part.name, 'did not become as many rows as it has')
      await session.query('commit')
      return [...counts.values()].reduce((sum, n) => sum + n, 0)
    })
  } finally {
    await store.close()
  }
}

/**
 * Nobody stays signed in: a session that was ended since would be back. Pages that are still open load anew: the log ends
 * earlier now. And the backup knows now how it ended itself. */
async function afterwards({ db }: RecordStore, backup: string): Promise<void> {
  await db
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason: 'revoked' })
    .where(isNull(sessions.endedAt))
  await db.delete(settings).where(eq(settings.key, logNameKey))
  await db
    .update(backupRuns)
    .set({ state: 'verified', finishedAt: sql`now()` })
    .where(eq(backupRuns.backup, backup))
}

async function restorePhotos(
  config: Config,
  target: BackupTarget,
  { manifest, key }: OpenBackup,
  { photos, keys }: { photos: 'keep' | 'open'; keys: KeyProvider },
): Promise<number> {
  const store = photos === 'keep' ? await openPhotoStore(config) : undefined
  let objects = 0
  await eachPhoto(target, key, manifest.photos, async (photoKey, sealed) => {
    if (store) await patiently(() => store.put(photoKey, sealed))
    else (await open(keys, sealed, placeOfObject(photoKey))).fill(0)
    objects++
  })
  if (objects !== manifest.photos.objects) throw new DamagedPart('photos', 'names fewer photos than were copied')
  return objects
}

async function requireEmptyAuditStore(audit: AuditStore): Promise<void> {
  await audit.migrate()
  if ((await accessesIn(audit)) > 0)
    throw new StartError('The audit store is not empty: restore into a ClickHouse without this database.')
}

/** Landing itself fills the audit store, from the log's beginning to its end. */
async function land(log: EventLog, audit: AuditStore, logger: Logger, say: (line: string) => void): Promise<number> {
  const landing = await startLanding({ log, store: audit, logger })
  try {
    await Promise.race([untilLanded(log), landing.done])
  } finally {
    await landing.stop()
  }
  const landed = await accessesIn(audit)
  say(`audit store: ${landed} accesses landed from the log`)
  return landed
}

async function accessesIn(audit: AuditStore): Promise<number> {
  const [row] = await audit.query<{ n: number }>('SELECT count() AS n FROM access_events')
  return row?.n ?? 0
}
