import { Module } from '@nestjs/common'
import { EventsService } from './events.service.js'
import { NamesService } from './names.service.js'
import { TimelinesController } from './timelines.controller.js'
import { TimelinesService } from './timelines.service.js'

/** What happened, as people read it: event search, and the hours of one person. */
@Module({
  controllers: [TimelinesController],
  providers: [EventsService, NamesService, TimelinesService],
  exports: [EventsService, NamesService],
})
export class TimelinesModule {}
