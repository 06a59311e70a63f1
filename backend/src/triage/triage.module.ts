import { Module } from '@nestjs/common'
import { RulesModule } from '../rules/rules.module.js'
import { AlertsService } from './alerts.service.js'
import { EventsService } from './events.service.js'
import { NamesService } from './names.service.js'
import { PeopleService } from './people.service.js'
import { SummaryService } from './summary.service.js'
import { TriageController } from './triage.controller.js'

/** What the security desk reads and does: alerts, evidence, people, freezes. */
@Module({
  imports: [RulesModule],
  controllers: [TriageController],
  providers: [AlertsService, EventsService, NamesService, PeopleService, SummaryService],
  exports: [EventsService, NamesService],
})
export class TriageModule {}
