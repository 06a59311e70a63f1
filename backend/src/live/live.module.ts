import { Module } from '@nestjs/common'
import { IdentityModule } from '../identity/identity.module.js'
import { TriageModule } from '../triage/triage.module.js'
import { LiveGateway } from './live.gateway.js'
import { LogName } from './log-name.js'

/** ⑤ Live push to the dashboard. */
@Module({ imports: [IdentityModule, TriageModule], providers: [LiveGateway, LogName] })
export class LiveModule {}
