import { Module } from '@nestjs/common'
import { TriageModule } from '../triage/triage.module.js'
import { AnomaliesService } from './anomalies.service.js'
import { ReportService } from './report.service.js'
import { ReportsController } from './reports.controller.js'
import { Scheduler } from './scheduler.js'
import { SchedulesService } from './schedules.service.js'

/** ⑥ Reports of any period, and schedules of them. */
@Module({
  imports: [TriageModule],
  controllers: [ReportsController],
  providers: [AnomaliesService, ReportService, SchedulesService, Scheduler],
})
export class ReportsModule {}
