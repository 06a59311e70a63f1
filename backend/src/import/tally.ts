import type { ReasonCode, RowStatus } from './codes.js'
import type { ReportLine } from './report.js'

/** How many rows ended how, and for which reasons. */
export interface Tally {
  add(line: ReportLine): void
  of(status: RowStatus): number
  statuses(): [RowStatus, number][]
  reasons(): [ReasonCode, number][]
}

export function tally(): Tally {
  const statuses = new Map<RowStatus, number>()
  const codes = new Map<ReasonCode, number>()
  return {
    add: ({ status, findings }) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      for (const code of new Set(findings.map((finding) => finding.code))) codes.set(code, (codes.get(code) ?? 0) + 1)
    },
    of: (status) => statuses.get(status) ?? 0,
    statuses: () => [...statuses],
    reasons: () => [...codes].sort(([, a], [, b]) => b - a),
  }
}
