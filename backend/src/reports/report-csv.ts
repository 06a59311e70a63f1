import type { EventRow } from '@custodia/contracts'
import { byteOrderMark, csvLine } from '../gateway/csv.js'
import type { ReportFilter, ReportService } from './report.service.js'

const eventHeader = [
  'time',
  'person',
  'name',
  'role',
  'action',
  'outcome',
  'customer',
  'record',
  'fields',
  'count',
  'purpose',
  'reason',
  'rule',
  'address',
  'country',
  'device',
  'event',
]
const eventCells = (e: EventRow): unknown[] => [
  e.time,
  e.actor,
  e.actor_name,
  e.actor_role,
  e.action,
  e.final_outcome,
  e.customer_id,
  e.record_id,
  e.fields?.join(' '),
  e.count,
  e.purpose,
  e.reason,
  e.verdict_rule,
  e.ip,
  e.country,
  e.device,
  e.id,
]
const rowHeader = ['key', 'name', 'total', 'granted', 'refused', 'customers', 'first', 'last', 'note']

/** The report as CSV, a piece at a time: every event for access and sign-ins, every row for the others. */
export async function* reportAsCsv(reports: ReportService, filter: ReportFilter): AsyncGenerator<string> {
  yield byteOrderMark
  if (filter.kind === 'access' || filter.kind === 'sign_ins') {
    yield csvLine(eventHeader)
    for await (const page of reports.pages(filter)) yield page.map((event) => csvLine(eventCells(event))).join('')
    return
  }
  const { rows } = await reports.make(filter)
  yield csvLine(rowHeader)
  for (const row of rows)
    yield csvLine([
      row.key,
      row.name,
      row.total,
      row.granted,
      row.refused,
      row.customers,
      row.first,
      row.last,
      row.note,
    ])
}
