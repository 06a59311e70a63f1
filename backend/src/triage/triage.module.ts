import { Module } from '@nestjs/common'
import { RulesModule } from '../rules/rules.module.js'
import { TimelinesModule } from '../timelines/timelines.module.js'
import { AlertsController } from './alerts.controller.js'
import { AlertsService } from './alerts.service.js'
import { AlertContextService } from './context/alert-context.service.js'
import { ContextWorker } from './context/context-worker.js'
import { PeopleService } from './people.service.js'
import { SilencesService } from './silences.service.js'
import { SummaryService } from './summary.service.js'
import { TriageController } from './triage.controller.js'
import { TriageService } from './triage.service.js'

/** What the security desk reads and does: alerts, evidence, people, freezes. */
@Module({
  imports: [RulesModule, TimelinesModule],
  controllers: [AlertsController, TriageController],
  providers: [
    AlertContextService,
    AlertsService,
    ContextWorker,
    PeopleService,
    SilencesService,
    SummaryService,
    TriageService,
  ],
  exports: [SilencesService, TimelinesModule],
})
export class TriageModule {}
