import { Module } from '@nestjs/common'
import { DecidersService } from './deciders.service.js'
import { DueChanges } from './due.js'
import { PowerController } from './power.controller.js'
import { PowerService } from './power.service.js'

/** Changes of power: what takes a second administrator, or, without one, time. */
@Module({
  controllers: [PowerController],
  providers: [DecidersService, DueChanges, PowerService],
  exports: [PowerService],
})
export class PowerModule {}
