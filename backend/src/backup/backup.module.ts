import { Module } from '@nestjs/common'
import { BackupScheduler } from './backup-scheduler.js'
import { BackupWatch } from './backup-watch.js'

/** Backups on time, and a word when they are not. */
@Module({
  providers: [BackupScheduler, BackupWatch],
  exports: [BackupWatch],
})
export class BackupModule {}
