import { Module } from '@nestjs/common'
import { IdentityModule } from '../identity/identity.module.js'
import { TriageModule } from '../triage/triage.module.js'
import { VaultModule } from '../vault/vault.module.js'
import { DrillController } from './drill.controller.js'
import { DrillRunner } from './drill-runner.js'
import { DrillsService } from './drills.service.js'
import { Stage } from './stage.js'

/** A scripted insider, played on demand: how soon would one be stopped? docs/drill.md. */
@Module({
  imports: [IdentityModule, VaultModule, TriageModule],
  controllers: [DrillController],
  providers: [DrillRunner, DrillsService, Stage],
})
export class DrillModule {}
