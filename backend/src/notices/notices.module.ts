import { Module } from '@nestjs/common'
import { BackupModule } from '../backup/backup.module.js'
import { TriageModule } from '../triage/triage.module.js'
import { ChannelsService } from './channels.service.js'
import { Deliveries } from './deliveries.js'
import { Letters } from './letters.js'
import { Listener } from './listener.js'
import { Mouth } from './mouth.js'
import { NoticesController } from './notices.controller.js'
import { Sender } from './sender.js'
import { UndeliveredService } from './undelivered.service.js'

/** ④ Whoever is not looking at a page is told: what there is to be told, to whom, once, until it has arrived. */
@Module({
  imports: [BackupModule, TriageModule],
  controllers: [NoticesController],
  providers: [ChannelsService, Deliveries, Letters, Listener, Mouth, Sender, UndeliveredService],
  exports: [Deliveries, Letters, Sender],
})
export class NoticesModule {}
