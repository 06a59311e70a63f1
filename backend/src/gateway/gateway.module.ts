import { Global, Module } from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core'
import { ArrivalsModule } from './arrivals.module.js'
import { DoorGuard } from './door.guard.js'
import { EventInterceptor } from './event.interceptor.js'
import { Hearing } from './hearing.js'
import { PresenceService } from './presence.service.js'
import { ProblemFilter } from './problem.filter.js'
import { Running } from './running.js'

/** ① The gate that every request passes: door, policy, event, problem. */
@Global()
@Module({
  imports: [ArrivalsModule],
  providers: [
    Running,
    Hearing,
    PresenceService,
    { provide: APP_GUARD, useClass: DoorGuard },
    { provide: APP_INTERCEPTOR, useClass: EventInterceptor },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [Running, Hearing],
})
export class GatewayModule {}
