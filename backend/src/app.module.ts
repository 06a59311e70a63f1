import { Module, type DynamicModule } from '@nestjs/common'
import { AdaptersModule } from './adapters.module.js'
import { AdminModule } from './admin/admin.module.js'
import { ApprovalsModule } from './approvals/approvals.module.js'
import { BackupModule } from './backup/backup.module.js'
import { BaselinesModule } from './baselines/baselines.module.js'
import { CaptureModule } from './capture/capture.module.js'
import type { Config } from './config.js'
import { DemoModule } from './demo/demo.module.js'
import { DrillModule } from './drill/drill.module.js'
import { GatewayModule } from './gateway/gateway.module.js'
import { IdentityModule } from './identity/identity.module.js'
import { IngestModule } from './ingest/ingest.module.js'
import { LiveModule } from './live/live.module.js'
import { NoticesModule } from './notices/notices.module.js'
import { ProvisioningModule } from './provisioning/provisioning.module.js'
import { PolicyModule } from './policy/policy.module.js'
import { PowerModule } from './power/power.module.js'
import { RecoveryModule } from './recovery/recovery.module.js'
import { ReportsModule } from './reports/reports.module.js'
import { ReviewsModule } from './reviews/reviews.module.js'
import { ResponseModule } from './response/response.module.js'
import { RulesModule } from './rules/rules.module.js'
import { TriageModule } from './triage/triage.module.js'
import { VaultModule } from './vault/vault.module.js'

/** The gateway process, room by room, in the order an access passes them. */
@Module({})
export class AppModule {
  static for(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AdaptersModule.for(config),
        CaptureModule,
        IdentityModule,
        GatewayModule,
        VaultModule,
        ResponseModule,
        TriageModule,
        LiveModule,
        RulesModule,
        BaselinesModule,
        ReportsModule,
        IngestModule,
        BackupModule,
        NoticesModule,
        ReviewsModule,
        RecoveryModule,
        AdminModule,
        ProvisioningModule,
        PowerModule,
        PolicyModule,
        ApprovalsModule,
        DemoModule,
        DrillModule,
      ],
    }
  }
}
