import {
  isSilencedBy,
  type AccountRecord,
  type AlertContext,
  type AlertRecord,
  type AlertWithTriage,
  type Freeze,
  type LiveCursor,
  type LiveItem,
  type Silence,
  type Triage,
} from '@custodia/contracts'

/** Everything the live page knows, as values: each function returns a new state, or the same one when nothing changed. */
export interface LiveState {
  alerts: ReadonlyMap<string, AlertWithTriage>
  /** active freezes by account */
  frozen: ReadonlyMap<string, Freeze>
  silences: ReadonlyMap<string, Silence>
  /** next offsets not seen; sent when the connection comes back */
  cursor: LiveCursor | undefined
}

export const emptyLive: LiveState = { alerts: new Map(), frozen: new Map(), silences: new Map(), cursor: undefined }

const untouched = (alert_id: string): Triage => ({ alert_id, state: 'open', version: 0 })

/** The higher version wins, whichever came first. */
const newer = (a: Triage, b: Triage): Triage => (b.version > a.version ? b : a)

const laterOf = (a: AlertContext | undefined, b: AlertContext | undefined): AlertContext | undefined =>
  a && b ? (b.at > a.at ? b : a) : (a ?? b)

const withAlert = (state: LiveState, alert: AlertWithTriage): LiveState => {
  const known = state.alerts.get(alert.id)
  const merged = known
    ? {
        ...known,
        ...alert,
        actor_name: alert.actor_name ?? known.actor_name,
        context: laterOf(known.context, alert.context),
        triage: newer(known.triage, alert.triage),
      }
    : alert
  return { ...state, alerts: new Map(state.alerts).set(alert.id, merged) }
}

/** A record whose offset is behind the cursor was seen before the connection broke. */
const isNews = ({ cursor }: LiveState, { topic, offset }: LiveItem): boolean => !cursor || offset >= cursor[topic]

/** What came, applied in order and each record once; the page stands at `cursor` then. */
export const applyItems = (
  state: LiveState,
  items: readonly LiveItem[],
  cursor: LiveCursor,
): { state: LiveState; news: LiveItem[] } => {
  const news = items.filter((item) => isNews(state, item))
  const next = news.reduce(
    (now, item) => (item.topic === 'alerts' ? applyAlert(now, item.record) : applyAccount(now, item.record)),
    state,
  )
  return { state: { ...next, alerts: newestOf(next.alerts), cursor }, news }
}

/** A page that stays open for weeks keeps what anybody would still scroll to. */
const mostAlerts = 5_000
const newestOf = (alerts: LiveState['alerts']): LiveState['alerts'] =>
  alerts.size <= mostAlerts
    ? alerts
    : new Map(
        newestFirst(alerts.values())
          .slice(0, mostAlerts)
          .map((alert) => [alert.id, alert]),
      )

const applyAlert = (next: LiveState, record: AlertRecord): LiveState => {
  if (record.kind === 'raised') return withAlert(next, { ...record.alert, triage: untouched(record.alert.id) })
  if (record.kind === 'silence')
    return { ...next, silences: new Map(next.silences).set(record.silence.id, record.silence) }
  if (record.kind === 'context') {
    const alert = next.alerts.get(record.context.alert_id)
    return alert ? withAlert(next, { ...alert, context: record.context }) : next
  }
  const alert = next.alerts.get(record.triage.alert_id)
  return alert ? withAlert(next, { ...alert, triage: record.triage }) : next
}

const applyAccount = (next: LiveState, record: AccountRecord): LiveState => {
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

/** Too much was missed, or the log is another one: what was known is not continued, history is loaded. */
export const beginAnew = (cursor: LiveCursor): LiveState => ({ ...emptyLive, cursor })

/** Silences as the server had them a moment ago; what came meanwhile is newer. */
export const withSilences = (state: LiveState, silences: readonly Silence[]): LiveState => ({
  ...state,
  silences: new Map([...silences.map((silence) => [silence.id, silence] as const), ...state.silences]),
})

/** Put aside by a silence, or merged into another alert. */
export const isAside = (state: Pick<LiveState, 'silences'>, alert: AlertWithTriage, now: number): boolean =>
  alert.triage.merged_into !== undefined ||
  [...state.silences.values()].some((silence) => isSilencedBy(alert, silence, now))

/** Everything up to the log's end has arrived. */
export const caughtUp = (state: LiveState, cursor: LiveCursor): LiveState => ({ ...state, cursor })

/** Newest first; the id settles equal times, so that the order never depends on arrival. */
export const newestFirst = (alerts: Iterable<AlertWithTriage>): AlertWithTriage[] =>
  [...alerts].sort((a, b) => b.time.localeCompare(a.time) || b.id.localeCompare(a.id))
