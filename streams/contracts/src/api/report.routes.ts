import { z } from 'zod'
import { IdParam, pageOf } from './common.js'
import { defineRoutes } from './route.js'
import { EventRow } from './timeline.routes.js'

export const reportKinds = ['access', 'by_person', 'by_customer', 'sign_ins', 'anomalies'] as const
export const ReportKind = z.enum(reportKinds)
export const ReportQuery = z.object({
  kind: ReportKind,
  from: z.iso.datetime({ offset: true }).describe('first instant of the period'),
  to: z.iso.datetime({ offset: true }).describe('first instant after the period'),
  person: z.string().max(200).optional(),
  customer: z.string().max(200).optional(),
})
export const ReportRow = z.object({
  key: z.string(),
  name: z.string().optional(),
  total: z.number().int(),
  granted: z.number().int(),
  refused: z.number().int(),
  customers: z.number().int(),
  first: z.iso.datetime().optional(),
  last: z.iso.datetime().optional(),
  note: z.string().optional(),
})
/** A report names its period, its filters and the log range that it covers. */
export const Report = z.object({
  kind: ReportKind,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  person: z.string().optional(),
  customer: z.string().optional(),
  made_at: z.iso.datetime(),
  covers: z.array(
    z.object({ partition: z.number().int(), from_offset: z.number().int(), to_offset: z.number().int() }),
  ),
  totals: z.object({
    events: z.number().int(),
    granted: z.number().int(),
    refused: z.number().int(),
    people: z.number().int(),
    customers: z.number().int(),
  }),
  per_day: z.array(z.object({ day: z.string(), granted: z.number().int(), refused: z.number().int() })),
  rows: z.array(ReportRow).describe('by person, by customer, sign-ins by person, anomalies by alert'),
  events: z.array(EventRow).describe('access and sign_ins: the first 1,000; the CSV has all'),
})
export type Report = z.infer<typeof Report>
export const Schedule = z.object({
  id: z.string(),
  kind: ReportKind,
  every: z.enum(['week', 'month']),
  time_zone: z.string(),
  person: z.string().optional(),
  customer: z.string().optional(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  next_at: z.iso.datetime(),
})
export type Schedule = z.infer<typeof Schedule>
export const ReportRun = z.object({
  id: z.string(),
  schedule_id: z.string(),
  kind: ReportKind,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  due_at: z.iso.datetime(),
  made_at: z.iso.datetime(),
  late: z.boolean(),
  events: z.number().int(),
})
export type ReportRun = z.infer<typeof ReportRun>

export const reportRoutes = defineRoutes({
  report: {
    method: 'GET',
    path: '/reports',
    door: 'session',
    needs: 'report.read',
    event: 'report',
    summary: 'A report of any period',
    query: ReportQuery,
    reply: Report,
  },
  reportCsv: {
    method: 'GET',
    path: '/reports/csv',
    door: 'session',
    needs: 'report.read',
    event: 'report',
    summary: 'The same report as CSV, every row',
    query: ReportQuery,
    reply: 'text/csv',
  },
  schedules: {
    method: 'GET',
    path: '/report-schedules',
    door: 'session',
    needs: 'report.read',
    event: 'list',
    summary: 'Report schedules',
    reply: pageOf(Schedule),
  },
  scheduleCreate: {
    method: 'POST',
    path: '/report-schedules',
    door: 'session',
    needs: 'schedule.manage',
    event: 'report',
    summary: 'Schedule a weekly or monthly report in a time zone',
    body: z.object({
      kind: ReportKind,
      every: z.enum(['week', 'month']),
      time_zone: z.string().max(64),
      person: z.string().max(200).optional(),
      customer: z.string().max(200).optional(),
    }),
    reply: Schedule,
  },
  scheduleDelete: {
    method: 'DELETE',
    path: '/report-schedules/:id',
    door: 'session',
    needs: 'schedule.manage',
    event: 'report',
    summary: 'Delete one of my schedules',
    params: IdParam,
  },
  reportRuns: {
    method: 'GET',
    path: '/report-runs',
    door: 'session',
    needs: 'report.read',
    event: 'list',
    summary: 'Kept runs of schedules',
    reply: pageOf(ReportRun),
  },
  reportRun: {
    method: 'GET',
    path: '/report-runs/:id',
    door: 'session',
    needs: 'report.read',
    event: 'report',
    summary: 'A kept run, as it was made',
    params: IdParam,
    reply: Report,
  },
})
