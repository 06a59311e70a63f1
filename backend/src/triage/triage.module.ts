import { Module } from '@nestjs/common'
import { RulesModule } from '../rules/rules.module.js'
import { AlertsController } from './alerts.controller.js'
import { AlertsService } from './alerts.service.js'
import { EventsService } from './events.service.js'
import { NamesService } from './names.service.js'
import { PeopleService } from './people.service.js'
import { SilencesService } from './silences.service.js'
import { SummaryService } from './summary.service.js'
import { TriageController } from './triage.controller.js'
import { TriageService } from './triage.service.js'

/** What the security desk reads and does: alerts, evidence, people, freezes. */
@Module({
  imports: [RulesModule],
  controllers: [AlertsController, TriageController],
  providers: [
    AlertsService,
    EventsService,
    NamesService,
    PeopleService,
    SilencesService,
    SummaryService,
    TriageService,
  ],
  exports: [EventsService, NamesService, SilencesService],
})
export class TriageModule {}
