import { backupsIn, timeOf } from '../../backup/manifest.js'
import { openTarget } from '../../backup/open-target.js'
import type { Config } from '../../config.js'
import { fail, ok, warn, type Check } from './finding.js'

const hours = (ms: number): string => `${Math.round(ms / 3_600_000)} h`

/** Whether the target can be read, and how old the newest verified backup in it is. */
export const backups = ({ backup }: Config): Check => ({
  name: 'backups',
  otherwise: 'see that CUSTODIA_BACKUP_TARGET is mounted or its bucket reachable, and what CUSTODIA_BACKUP_S3_* say',
  run: async () => {
    if (!backup) return [warn('none are configured', 'set CUSTODIA_BACKUP_TARGET and CUSTODIA_BACKUP_RECIPIENT')]
    const target = await openTarget(backup.target, backup.s3)
    try {
      const verified = (await backupsIn(target)).filter((each) => each.verified)
      const newest = Math.max(...verified.map(({ id }) => timeOf(id).getTime()))
      if (verified.length === 0) return [warn('there is no verified one yet', 'run `custodia backup`')]
      const found = `${verified.length} verified, the newest ${hours(Date.now() - newest)} old`
      return [
        Date.now() - newest > backup.maxAgeMs
          ? fail(found, 'read why in the gateway’s log, then run `custodia backup`')
          : ok(found),
      ]
    } finally {
      target.close()
    }
  },
})
