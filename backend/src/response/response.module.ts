import { Global, Module } from '@nestjs/common'
import { IdentityModule } from '../identity/identity.module.js'
import { Cutter } from './cutter.js'
import { FreezesService } from './freezes.service.js'
import { Guard } from './guard.js'
import { Ladder } from './ladder.js'
import { MeasuresService } from './measures.service.js'
import { OutboxService } from './outbox.service.js'
import { Responder } from './responder.js'
import { TimeOuts } from './time-outs.js'

/** ④ From an alert to its consequence, and from the consequence to every gateway. */
@Global()
@Module({
  imports: [IdentityModule],
  providers: [OutboxService, FreezesService, MeasuresService, Guard, Ladder, Responder, TimeOuts, Cutter],
  exports: [OutboxService, FreezesService, MeasuresService, Guard],
})
export class ResponseModule {}
