import { Module } from '@nestjs/common'
import { NoticesModule } from '../notices/notices.module.js'
import { Lapses } from './lapses.js'
import { RecoveriesController } from './recoveries.controller.js'
import { RecoveriesService } from './recoveries.service.js'

/** Ways back in for whoever has lost what they sign in with: two administrators, a notice, a waiting time. */
@Module({ imports: [NoticesModule], controllers: [RecoveriesController], providers: [Lapses, RecoveriesService] })
export class RecoveryModule {}
