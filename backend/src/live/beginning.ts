import type { LiveCursor } from '@custodia/contracts'

/** So many records of a topic are told one by one; a page that missed more loads what it shows anew. */
export const replayWindow = 10_000

interface Range {
  start: number
  end: number
}

export interface LogNow {
  /** the log's name: offsets of another one mean something else */
  log: string
  alerts: Range
  accounts: Range
  /** every alert before this offset can be read from PostgreSQL */
  recorded: number
}

export interface Beginning {
  cursor: LiveCursor
  resumed: boolean
}

/**
 * Where a connection goes on. From the client's cursor, where that is a place in this log and not too far back; otherwise from
 * where PostgreSQL is certain to tell everything that came before: the page loads its history after this was decided.
 */
export function beginningOf(given: LiveCursor | undefined, now: LogNow): Beginning {
  const isWithin = (offset: number, { start, end }: Range): boolean =>
    offset >= start && offset <= end && end - offset <= replayWindow
  if (given?.log === now.log && isWithin(given.alerts, now.alerts) && isWithin(given.accounts, now.accounts))
    return { cursor: given, resumed: true }
  const { start, end } = now.alerts
  const alerts = Math.max(Math.min(now.recorded, end), end - replayWindow, start)
  return { cursor: { log: now.log, alerts, accounts: now.accounts.end }, resumed: false }
}
