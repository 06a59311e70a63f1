import type { AlertState, AlertVerdict, Report } from '@custodia/contracts'

/** What is asked for: a kind, two instants, and whom it is about. */
export interface ReportWish {
  kind: Report['kind']
  from: string
  to: string
  person: string | undefined
  customer: string | undefined
}

/** What a report answers: the same question again, e.g. as CSV. */
export const wishOf = ({ kind, from, to, person, customer }: Report): ReportWish => ({
  kind,
  from,
  to,
  person,
  customer,
})

/** Days without events are zeros; a report that is years long shows only days that had some. */
export const perDayOf = (report: Pick<Report, 'per_day'>, days: readonly string[], most = 400): Report['per_day'] => {
  if (days.length > most) return report.per_day
  const known = new Map(report.per_day.map((each) => [each.day, each]))
  return days.map((day) => known.get(day) ?? { day, granted: 0, refused: 0 })
}

const number = /^(?:frozen until|lifted) (\S+?Z)/
const standing = /^(open|acknowledged|in_work|closed)(?:: (true|false|benign))?$/
type NotePart =
  | { what: 'state'; state: AlertState; verdict?: AlertVerdict }
  | { what: 'frozen' | 'lifted' | 'text'; at?: string; text?: string }

/** The note of an anomaly in parts: its state, and the moments of freeze and lift. */
export const noteParts = (note: string): NotePart[] =>
  note
    .split('; ')
    .filter(Boolean)
    .map((part): NotePart => {
      const [, state, verdict] = standing.exec(part) ?? []
      if (state)
        return { what: 'state', state: state as AlertState, ...(verdict && { verdict: verdict as AlertVerdict }) }
      const at = number.exec(part)?.[1]
      if (at && part.startsWith('frozen')) return { what: 'frozen', at }
      if (at) return { what: 'lifted', at, text: part.slice(part.indexOf(at) + at.length + 2) }
      return { what: 'text', text: part }
    })
