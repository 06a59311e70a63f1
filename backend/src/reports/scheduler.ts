import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { eq, lte, sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { reportRuns, reportSchedules } from '../record-store/schema.js'
import { nextBoundary, periodBefore } from './period.js'
import type { Kind } from './report-queries.js'
import { ReportService } from './report.service.js'

const everyMs = 10_000
/** after the period's end, so that its last events have landed */
const settleSeconds = 30
const lateAfterMs = 10 * 60_000

type ScheduleRow = typeof reportSchedules.$inferSelect

/** Makes scheduled reports when they are due. What was missed while the system was down is made up, and flagged as late. */
@Injectable()
export class Scheduler implements OnModuleInit, OnModuleDestroy {
  private readonly turns = new Periodic(
    () => this.makeDue(),
    (error) => this.logger.warn({ err: error }, 'scheduled report not made yet, trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly reports: ReportService,
    private readonly capture: CaptureService,
  ) {}

  onModuleInit(): void {
    this.turns.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.turns.stop()
  }

  /** Makes every run that is due, oldest first. */
  async makeDue(): Promise<void> {
    while (await this.store.db.transaction((tx) => this.makeOne(tx)));
  }

  private async makeOne(tx: Queries): Promise<boolean> {
    const [schedule] = await tx
      .select()
      .from(reportSchedules)
      .where(lte(reportSchedules.nextAt, sql`now() - make_interval(secs => ${settleSeconds})`))
      .orderBy(reportSchedules.nextAt)
      .limit(1)
      .for('update', { skipLocked: true })
    if (!schedule) return false
    await this.keep(tx, schedule)
    await tx
      .update(reportSchedules)
      .set({ nextAt: nextBoundary(schedule.every, schedule.timeZone, schedule.nextAt) })
      .where(eq(reportSchedules.id, schedule.id))
    return true
  }

  private async keep(tx: Queries, schedule: ScheduleRow): Promise<void> {
    const { from, to } = periodBefore(schedule.every, schedule.timeZone, schedule.nextAt)
    const report = await this.reports.make({
      kind: schedule.kind as Kind,
      from,
      to,
      person: schedule.person ?? undefined,
      customer: schedule.customer ?? undefined,
    })
    const id = uuidv7()
    const late = Date.now() - schedule.nextAt.getTime() > lateAfterMs
    await tx
      .insert(reportRuns)
      .values({
        id,
        scheduleId: schedule.id,
        kind: schedule.kind,
        from,
        to,
        dueAt: schedule.nextAt,
        late,
        events: report.totals.events,
        report,
      })
      .onConflictDoNothing()
    const facts = {
      actor: schedule.createdBy,
      record_id: id,
      reason: late ? 'scheduled, made up late' : 'scheduled',
      count: report.totals.events,
    }
    await this.capture.append([this.capture.build('report', 'granted', facts)])
  }
}
