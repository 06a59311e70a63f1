import type { AccountRecord, AlertRecord, AlertWithTriage, Freeze, LiveCursor, Triage } from '@custodia/contracts'

/** Everything the live page knows, as values: each function returns a new state, or the same one when nothing changed. */
export interface LiveState {
  alerts: ReadonlyMap<string, AlertWithTriage>
  /** active freezes by account */
  frozen: ReadonlyMap<string, Freeze>
  /** next offsets not seen; sent when the connection comes back */
  cursor: LiveCursor | undefined
}

export const emptyLive: LiveState = { alerts: new Map(), frozen: new Map(), cursor: undefined }

const untouched = (alert_id: string): Triage => ({ alert_id, state: 'open', version: 0 })

/** The higher version wins, whichever came first. */
const newer = (a: Triage, b: Triage): Triage => (b.version > a.version ? b : a)

const withAlert = (state: LiveState, alert: AlertWithTriage): LiveState => {
  const known = state.alerts.get(alert.id)
  const merged = known
    ? {
        ...known,
        ...alert,
        actor_name: alert.actor_name ?? known.actor_name,
        triage: newer(known.triage, alert.triage),
      }
    : alert
  return { ...state, alerts: new Map(state.alerts).set(alert.id, merged) }
}

/** A message whose offset is behind the cursor was seen before the connection broke. */
const seen = (state: LiveState, part: keyof LiveCursor, offset: number): boolean =>
  state.cursor !== undefined && offset < state.cursor[part]

const moved = (state: LiveState, part: keyof LiveCursor, offset: number): LiveState =>
  state.cursor ? { ...state, cursor: { ...state.cursor, [part]: offset + 1 } } : state

export const applyAlert = (state: LiveState, offset: number, record: AlertRecord): LiveState => {
  if (seen(state, 'alerts', offset)) return state
  const next = moved(state, 'alerts', offset)
  if (record.kind === 'raised') return withAlert(next, { ...record.alert, triage: untouched(record.alert.id) })
  const alert = next.alerts.get(record.triage.alert_id)
  return alert ? withAlert(next, { ...alert, triage: record.triage }) : next
}

export const applyAccount = (state: LiveState, offset: number, record: AccountRecord): LiveState => {
  if (seen(state, 'accounts', offset)) return state
  const next = moved(state, 'accounts', offset)
  if (record.kind === 'frozen' || record.kind === 'lift_asked')
    return { ...next, frozen: new Map(next.frozen).set(record.freeze.account, record.freeze) }
  if (record.kind === 'lifted') {
    const frozen = new Map(next.frozen)
    frozen.delete(record.freeze.account)
    return { ...next, frozen }
  }
  return next
}

/** History from PostgreSQL: fills in what the stream did not carry and never sets back what it did. */
export const withHistory = (state: LiveState, alerts: readonly AlertWithTriage[]): LiveState =>
  alerts.reduce((now, alert) => withAlert(now, alert), state)

/** The list of active freezes as the server counts it now. */
export const withFrozen = (state: LiveState, freezes: readonly Freeze[]): LiveState => ({
  ...state,
  frozen: new Map(freezes.map((freeze) => [freeze.account, freeze])),
})

/** Everything up to the log's end has arrived. */
export const caughtUp = (state: LiveState, cursor: LiveCursor): LiveState => ({ ...state, cursor })

/** Newest first; the id settles equal times, so that the order never depends on arrival. */
export const newestFirst = (alerts: Iterable<AlertWithTriage>): AlertWithTriage[] =>
  [...alerts].sort((a, b) => b.time.localeCompare(a.time) || b.id.localeCompare(a.id))
