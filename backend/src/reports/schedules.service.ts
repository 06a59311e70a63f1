import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, Report, ReplyOf, routes, Schedule } from '@custodia/contracts'
import { and, asc, desc, eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { reportRuns, reportSchedules } from '../record-store/schema.js'
import { isTimeZone, nextBoundary } from './period.js'
import type { Kind } from './report-queries.js'

const asSchedule = (row: typeof reportSchedules.$inferSelect): Schedule => ({
  id: row.id,
  kind: row.kind as Kind,
  every: row.every,
  time_zone: row.timeZone,
  person: row.person ?? undefined,
  customer: row.customer ?? undefined,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  next_at: row.nextAt.toISOString(),
})

/** An auditor's schedules and the runs that were kept. */
@Injectable()
export class SchedulesService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async list(access: Access): Promise<ReplyOf<typeof routes.schedules>> {
    const rows = await this.store.db.select().from(reportSchedules).orderBy(asc(reportSchedules.nextAt)).limit(500)
    await access.grant({ fields: ['report_schedules'], count: rows.length })
    return { items: rows.map(asSchedule) }
  }

  async create(access: Access, { body }: InputOf<typeof routes.scheduleCreate>): Promise<Schedule> {
    if (!isTimeZone(body.time_zone))
      throw new ProblemError('invalid_input', {
        errors: [{ path: 'body.time_zone', message: 'not an IANA time zone, such as Asia/Shanghai' }],
      })
    return this.store.db.transaction(async (tx) => {
      const [row] = await tx
        .insert(reportSchedules)
        .values({
          id: uuidv7(),
          kind: body.kind,
          every: body.every,
          timeZone: body.time_zone,
          person: body.person,
          customer: body.customer,
          createdBy: access.who.id,
          nextAt: nextBoundary(body.every, body.time_zone, new Date()),
        })
        .returning()
      if (!row) throw new Error('the schedule was not written')
      await access.grant({ record_id: row.id, reason: 'schedule created' })
      return asSchedule(row)
    })
  }

  /** One's own only. */
  async remove(access: Access, id: string): Promise<void> {
    access.about({ record_id: id, reason: 'schedule deleted' })
    await this.store.db.transaction(async (tx) => {
      const [schedule] = await tx
        .select({ owner: reportSchedules.createdBy })
        .from(reportSchedules)
        .where(eq(reportSchedules.id, id))
      if (!schedule) throw new ProblemError('not_found')
      if (schedule.owner !== access.who.id) throw new ProblemError('not_allowed')
      await tx
        .delete(reportSchedules)
        .where(and(eq(reportSchedules.id, id), eq(reportSchedules.createdBy, access.who.id)))
      await access.grant()
    })
  }

  async runs(access: Access): Promise<ReplyOf<typeof routes.reportRuns>> {
    const rows = await this.store.db.select().from(reportRuns).orderBy(desc(reportRuns.dueAt)).limit(500)
    await access.grant({ fields: ['report_runs'], count: rows.length })
    const items = rows.map((row) => ({
      id: row.id,
      schedule_id: row.scheduleId,
      kind: row.kind as Kind,
      from: row.from.toISOString(),
      to: row.to.toISOString(),
      due_at: row.dueAt.toISOString(),
      made_at: row.madeAt.toISOString(),
      late: row.late,
      events: row.events,
    }))
    return { items }
  }

  async run(access: Access, id: string): Promise<Report> {
    const [row] = await this.store.db
      .select({ report: reportRuns.report })
      .from(reportRuns)
      .where(eq(reportRuns.id, id))
    if (!row) throw new ProblemError('not_found')
    await access.grant({ record_id: id, fields: [row.report.kind] })
    return row.report
  }
}
