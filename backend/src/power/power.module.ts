import { Module } from '@nestjs/common'
import { DueChanges } from './due.js'
import { PowerController } from './power.controller.js'
import { PowerService } from './power.service.js'

/** Changes of power: what takes a second administrator, or, without one, time. */
@Module({ controllers: [PowerController], providers: [DueChanges, PowerService], exports: [PowerService] })
export class PowerModule {}
