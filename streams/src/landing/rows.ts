import type { AccessEvent, AlertRecord, DeadLetter, Verdict } from '@custodia/contracts'
import type { LogRecord } from '../event-log/index.js'

/** A line of JSONEachRow, and the week of its receipt, whose partition of the table takes it. */
export interface Row {
  line: string
  week: string
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
  })
}

export const deadLetterRow = ({ value, ...at }: Parsed<DeadLetter>): Row => rowOf(at, value.time, value)

const rowOf = ({ record, raw }: Omit<Parsed<unknown>, 'value'>, time: string, columns: object): Row => {
  const at = clickhouseTime(Date.parse(time))
  const row = {
    ...columns,
    time: at,
    log_partition: record.partition,
    log_offset: record.offset,
    appended_at: clickhouseTime(record.appendedAt),
    raw,
  }
  return { line: jsonOf(row), week: mondayOf(record.appendedAt) }
}

/** The times a DateTime64 column holds and partitions by without wrapping round; `raw` keeps what lies outside. */
const [earliest, latest] = [0, Date.parse('2105-12-31T23:59:59.999Z')]

const clickhouseTime = (ms: number): string =>
  new Date(Math.min(Math.max(ms, earliest), latest)).toISOString().slice(0, 23).replace('T', ' ')

/** The Monday, in UTC, of the week; the epoch was a Thursday. */
const mondayOf = (ms: number): string => {
  const day = Math.floor(ms / 86_400_000)
  return new Date((day - ((day + 3) % 7)) * 86_400_000).toISOString().slice(0, 10)
}

/** Half a surrogate pair is legal in JSON's escapes and in no UTF-8: ClickHouse would refuse the whole batch for it. */
const jsonOf = (row: object): string => {
  const line = JSON.stringify(row)
  return /\\ud[89a-f]/.test(line)
    ? JSON.stringify(row, (_, value: unknown) => (typeof value === 'string' ? Buffer.from(value).toString() : value))
    : line
}
