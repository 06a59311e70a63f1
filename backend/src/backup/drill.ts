import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { KEY_PROVIDER, LOGGER, RECORD_STORE } from '../adapters.js'
import type { Config } from '../config.js'
import { createLogger } from '../logger.js'
import { locks } from '../record-store/locks.js'
import type { RecordStore } from '../record-store/record-store.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import type { OwnerSecret } from './backup-key.js'
import { findBackup, openAsOwner } from './find-backup.js'
import { knownKeys } from './kept-key.js'
import { openBackup } from './manifest.js'
import { requireSettings } from './require-settings.js'
import { openTarget } from './open-target.js'
import { inNewPlace } from './place.js'
import { restoreBackup } from './restore-backup.js'
import { recordDone } from './record-done.js'
import { openRunningSystem } from '../cli/running-system.js'

/**
 * Restores the newest backup beside the running system, into servers of its own, opens every photo with the restored keys,
 * compares everything, writes down how it went, and removes the copy. With the owner's secret it opens the backup as its owner
 * would; without, with the key that the system keeps.
 */
export async function drill(
  config: Config,
  secret: OwnerSecret | undefined,
  from: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const name = from ?? requireSettings(config).target
  const app = await openRunningSystem(config)
  const store = app.get<RecordStore>(RECORD_STORE)
  const keys = await knownKeys(store, app.get<KeyProvider>(KEY_PROVIDER))
  const target = await openTarget(name, config.backupS3)
  const startedAt = new Date()
  try {
    await store.session(async (session) => {
      // two would restore into one place
      const [row] = await session.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [locks.drill])
      if (row?.mine !== true) return say('Another drill is under way.')
      const id = await findBackup(target, undefined)
      const done = { kind: 'drill', backup: id, from: name, startedAt } as const
      try {
        const backup = secret ? await openAsOwner(target, id, secret) : await openBackup(target, keys, id)
        const counts = await inDrillPlace(config, say, (place, logger) =>
          restoreBackup({ config: place, target, backup, photos: 'open', logger, say }),
        )
        await recordDone(app, { ...done, counts })
        const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000)
        say(`Drill passed in ${seconds} s: backup ${id} can be restored.`)
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        app.get<Logger>(LOGGER).error({ err: error, backup: id }, 'restore drill failed')
        await recordDone(app, { ...done, problem })
        throw error
      }
    })
  } finally {
    target.close()
    await app.close()
  }
}

/** Below the data directory, whose disk and rights are those of the keys and records anyway. */
async function inDrillPlace<T>(
  config: Config,
  say: (line: string) => void,
  work: (place: Config, logger: Logger) => Promise<T>,
): Promise<T> {
  const dataDir = join(config.dataDir, 'drill')
  const place: Config = {
    ...config,
    dataDir,
    postgresRunDir: join(dataDir, 'postgres-run'),
    postgresUrl: undefined,
    clickhouse: undefined,
    clickhouseUrl: undefined,
    kafka: undefined,
    s3: undefined,
    rulesDirs: [...config.rulesDirs.slice(0, -1), join(dataDir, 'rules')],
  }
  await rm(dataDir, { recursive: true, force: true }) // what a drill left that was killed
  try {
    return await inNewPlace(place, say, () => work(place, createLogger('warn', 'drill')))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
