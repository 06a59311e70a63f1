import { Readable } from 'node:stream'
import { Controller, Res } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { FastifyReply } from 'fastify'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { reportAsCsv } from './report-csv.js'
import { filterOf } from './report-filter.js'
import { ReportService } from './report.service.js'
import { SchedulesService } from './schedules.service.js'

@Controller()
export class ReportsController {
  constructor(
    private readonly reports: ReportService,
    private readonly schedules: SchedulesService,
  ) {}

  @Serve(routes.report)
  async report(@TheAccess() access: Access, @Input() { query }: InputOf<typeof routes.report>) {
    const report = await this.reports.make(filterOf(query))
    await access.grant({
      fields: [report.kind],
      count: report.totals.events,
      subject: query.person,
      customer_id: query.customer,
    })
    return report
  }

  @Serve(routes.reportCsv)
  async csv(
    @TheAccess() access: Access,
    @Input() { query }: InputOf<typeof routes.reportCsv>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const filter = filterOf(query)
    await access.grant({ fields: [filter.kind, 'csv'], subject: query.person, customer_id: query.customer })
    void reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="custodia-${filter.kind}.csv"`)
    return Readable.from(reportAsCsv(this.reports, filter))
  }

  @Serve(routes.schedules)
  list(@TheAccess() access: Access) {
    return this.schedules.list(access)
  }

  @Serve(routes.scheduleCreate)
  create(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.scheduleCreate>) {
    return this.schedules.create(access, input)
  }

  @Serve(routes.scheduleDelete)
  remove(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.scheduleDelete>) {
    return this.schedules.remove(access, params.id)
  }

  @Serve(routes.reportRuns)
  runs(@TheAccess() access: Access) {
    return this.schedules.runs(access)
  }

  @Serve(routes.reportRun)
  run(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.reportRun>) {
    return this.schedules.run(access, params.id)
  }
}
