import { Module } from '@nestjs/common'
import { IdentityModule } from '../identity/identity.module.js'
import { TriageModule } from '../triage/triage.module.js'
import { LiveGateway } from './live.gateway.js'
import { LogName } from './log-name.js'
import { OwnGateway } from './own.gateway.js'
import { SocketDoor } from './socket-door.js'

/** ⑤ Live push to the dashboard: to the desk, and to whoever waits for a decision. */
@Module({ imports: [IdentityModule, TriageModule], providers: [LiveGateway, OwnGateway, SocketDoor, LogName] })
export class LiveModule {}
