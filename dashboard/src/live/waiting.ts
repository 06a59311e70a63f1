import type { AlertWithTriage } from '@custodia/contracts'
import { severityOrder } from '../ui/severity.js'

const isOpen = (alert: AlertWithTriage): boolean => alert.triage.state === 'open'

/** What matters first: the worst, and among equals the newest. The id settles equal times. */
export const worstFirst = (alerts: readonly AlertWithTriage[]): AlertWithTriage[] =>
  [...alerts].sort(
    (a, b) =>
      severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity) ||
      b.time.localeCompare(a.time) ||
      b.id.localeCompare(a.id),
  )

export interface Split {
  /** what the reader has before them, in the order in which it was let in; each with its newest state */
  shown: AlertWithTriage[]
  /** open alerts that came since; they wait until the reader asks for them */
  waiting: AlertWithTriage[]
}

/** Splits what is known into the list that must not move and what waits above it. */
export const splitWaiting = (
  alerts: readonly AlertWithTriage[],
  shownIds: readonly string[],
  isAside: (alert: AlertWithTriage) => boolean,
): Split => {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]))
  const here = new Set(shownIds)
  return {
    shown: shownIds.flatMap((id) => byId.get(id) ?? []),
    waiting: worstFirst(alerts.filter((alert) => isOpen(alert) && !here.has(alert.id) && !isAside(alert))),
  }
}

/** The ids of a fresh list: open alerts only, worst first. */
export const freshList = (alerts: readonly AlertWithTriage[], most: number): string[] =>
  worstFirst(alerts.filter(isOpen))
    .slice(0, most)
    .map((alert) => alert.id)
