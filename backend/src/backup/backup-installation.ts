import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { INestApplicationContext } from '@nestjs/common'
import type { Logger } from 'pino'
import { EVENT_LOG, KEY_PROVIDER, LOGGER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { keyFileOf, type Config } from '../config.js'
import { BackupBusy, makeBackup, type MadeBackup } from './make-backup.js'
import { openTarget } from './open-target.js'
import type { BackupSettings } from './settings.js'

export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** Makes a backup of the system whose stores `app` has open, and writes down that it was made, or why not. */
export async function backupInstallation(
  app: INestApplicationContext,
  config: Config,
  { target: targetName, s3, owner, keep }: BackupSettings,
  now: () => Date = () => new Date(),
): Promise<MadeBackup> {
  const capture = app.get(CaptureService)
  const logger = app.get<Logger>(LOGGER)
  const sources = {
    store: app.get(RECORD_STORE),
    log: app.get(EVENT_LOG),
    photos: app.get(PHOTO_STORE),
    keys: app.get(KEY_PROVIDER),
    keysDir: dirname(keyFileOf(config)),
    rulesDir: config.rulesDirs.at(-1) ?? '',
  }
  const by = 'system'
  const writeDown = (outcome: 'granted' | 'failed', record_id: string | undefined, count: number | undefined) =>
    capture.append([capture.build('admin', outcome, { actor: by, reason: 'backup', record_id, count })])
  const target = await openTarget(targetName, s3)
  try {
    const made = await makeBackup(sources, { target, targetName, owner, keep, version, by, now })
    await writeDown('granted', made.id, made.counts['customers'])
    if (made.counts['photo_objects_lost'])
      logger.error(
        { backup: made.id, lost: made.counts['photo_objects_lost'] },
        'photos are missing in the photo store',
      )
    if (made.pruned.unreadable.length > 0)
      logger.error({ backups: made.pruned.unreadable }, 'backups in the target do not open')
    logger.info({ backup: made.id, ...made.counts }, 'backup made and verified')
    return made
  } catch (error) {
    if (!(error instanceof BackupBusy)) {
      logger.error({ err: error }, 'backup failed')
      await writeDown('failed', undefined, undefined).catch(() => undefined) // the first error is the answer
    }
    throw error
  } finally {
    target.close()
  }
}
