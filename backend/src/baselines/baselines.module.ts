import { Module } from '@nestjs/common'
import { TimelinesModule } from '../timelines/timelines.module.js'
import { BaselinesController } from './baselines.controller.js'
import { BaselinesService } from './baselines.service.js'

/** What is usual for people: frozen for detection, and shown to who judges its alerts. */
@Module({ imports: [TimelinesModule], controllers: [BaselinesController], providers: [BaselinesService] })
export class BaselinesModule {}
