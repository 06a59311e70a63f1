import type { AccessEvent, AlertRecord, DeadLetter, LateEvent, Verdict } from '@custodia/contracts'
import type { LogRecord } from '../event-log/index.js'
import { slab } from '../pipeline/index.js'

/** A line of JSONEachRow, and the week of its receipt, whose partition of the table takes it; see mondayOf. */
export interface Row {
  /** bytes already: thousands of texts of a batch would be copied by one garbage collection after the other */
  line: Uint8Array
  week: number
}

/** What a parsed record is to the pipeline: its value, and where it stands. */
export interface Parsed<T> {
  record: LogRecord
  value: T
  /** the record's exact bytes, as the text that they are */
  raw: string
}

export const accessEventRow = ({ value, ...at }: Parsed<AccessEvent>): Row => rowOf(at, value.time, value)

export const verdictRow = ({ value: { limit, ...verdict }, ...at }: Parsed<Verdict>): Row =>
  rowOf(at, verdict.time, { ...verdict, limit_n: limit })

type Raised = Extract<AlertRecord, { kind: 'raised' }>
export const alertRow = ({ value: { alert }, ...at }: Parsed<Raised>): Row => {
  const { text, group, limit, respond, ...columns } = alert
  return rowOf(at, alert.time, {
    ...columns,
    text_en: text.en,
    text_zh: text.zh,
    group_json: JSON.stringify(group),
    limit_n: limit,
    respond_json: JSON.stringify(respond),
    // where the event stands and what it did can be asked of the event itself: no columns of their own
    event_at: undefined,
    action: undefined,
    // how it counts is the rule's, in the version that is named
    counted: undefined,
    // an explanation for the desk, kept in `raw`
    usual: undefined,
    risk: undefined,
    held: undefined,
  })
}

export const deadLetterRow = ({ value, ...at }: Parsed<DeadLetter>): Row => rowOf(at, value.time, value)

export const lateEventRow = ({ value, ...at }: Parsed<LateEvent>): Row =>
  rowOf(at, value.time, {
    ...value,
    received_at: receiptTime(Date.parse(value.received_at)),
    judged_at: clickhouseTime(Date.parse(value.judged_at)),
    since: value.since && clickhouseTime(Date.parse(value.since)),
  })

const rowOf = ({ record, raw }: Omit<Parsed<unknown>, 'value'>, time: string, columns: object): Row => {
  const { partition, offset, appendedAt } = record
  const own = jsonOf(isAsStored(time) ? columns : { ...columns, time: clickhouseTime(Date.parse(time)) }, raw)
  const place = `"log_partition":${partition},"log_offset":${offset},"appended_at":"${receiptTime(appendedAt)}"`
  const line = `${own.slice(0, -1)},${place},"raw":${JSON.stringify(raw)}}`
  return { line: bytesOf(line), week: weekOf(appendedAt) }
}

/** The times a DateTime64 column holds and partitions by without wrapping round; `raw` keeps what lies outside. */
const [earliest, latest] = [0, Date.parse('2105-12-31T23:59:59.999Z')]
const [firstYear, yearAfter] = ['1970', '2106']
const milliseconds = '2026-11-22T03:30:38.123Z'.length

/** As our own writers say it: what the contract took, to the millisecond, within the column's years. */
const isAsStored = (time: string): boolean => time.length === milliseconds && time >= firstYear && time < yearAfter

const clickhouseTime = (ms: number): string =>
  new Date(Math.min(Math.max(ms, earliest), latest)).toISOString().slice(0, 23).replace('T', ' ')

/** Neighbours in the log share their time more often than not. */
let newest = { ms: earliest, text: clickhouseTime(earliest) }
const receiptTime = (ms: number): string => {
  if (ms !== newest.ms) newest = { ms, text: clickhouseTime(ms) }
  return newest.text
}

const dayMs = 86_400_000

/** The day, counted from the epoch, which was a Thursday, of the Monday of the week in UTC. */
const weekOf = (ms: number): number => {
  const day = Math.floor(ms / dayMs)
  return day - ((day + 3) % 7)
}

/** That Monday as a date. */
export const mondayOf = (week: number): string => new Date(week * dayMs).toISOString().slice(0, 10)

/**
 * Half a surrogate pair is legal in JSON's escapes and in no UTF-8: ClickHouse would refuse the whole batch for it. Only
 * an escape in the record itself can have brought one.
 */
const jsonOf = (row: object, raw: string): string =>
  /\\u[dD][89abAB]/.test(raw)
    ? JSON.stringify(row, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
    : JSON.stringify(row)

const bytesOf = slab(256 * 1024)
