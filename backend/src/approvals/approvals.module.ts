import { Module } from '@nestjs/common'
import { VaultModule } from '../vault/vault.module.js'
import { ApprovalsController } from './approvals.controller.js'
import { ApprovalsService } from './approvals.service.js'
import { OverdueReviews } from './overdue-reviews.js'

/** What the policy table does not give directly: asked for, decided by somebody else, counted, and looked at afterwards. */
@Module({ imports: [VaultModule], controllers: [ApprovalsController], providers: [ApprovalsService, OverdueReviews] })
export class ApprovalsModule {}
