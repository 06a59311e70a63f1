import { Module } from '@nestjs/common'
import { BackupModule } from '../backup/backup.module.js'
import { NoticesModule } from '../notices/notices.module.js'
import { AccountsController } from './accounts.controller.js'
import { AccountsService } from './accounts.service.js'
import { HealthController } from './health.controller.js'
import { ReadinessService } from './readiness.service.js'

/** People's accounts, and the health of the process. */
@Module({
  imports: [BackupModule, NoticesModule],
  controllers: [AccountsController, HealthController],
  providers: [AccountsService, ReadinessService],
})
export class AdminModule {}
