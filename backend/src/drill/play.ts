import { setTimeout as sleep } from 'node:timers/promises'
import type { DrillResult } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { eq, sql } from 'drizzle-orm'
import type { RecordStore } from '../record-store/record-store.js'
import { noticeDeliveries, notices } from '../record-store/schema.js'
import type { Attempt, Credentials, Insider } from './insider.js'
import type { Stage } from './stage.js'
import { freezes, Watch, type HeardAlert } from './watch.js'

/** More than the shipped rules let pass; a house that allows more is tried further, up to here. */
const atOnce = 60
const mostPhotos = 600
/** How long what must follow is waited for. */
const patienceMs = 10_000
const noticesMs = 30_000
const lookEveryMs = 100

interface Deps {
  log: EventLog
  store: RecordStore
  stage: Pick<Stage, 'customers'>
  insider: Insider
  signal: AbortSignal
}

/** Plays the insider of a drill: one photo after the other, until he is stopped or nobody cares, and says how long it took. */
export async function play(account: string, credentials: Credentials, deps: Deps): Promise<DrillResult> {
  const watch = await Watch.begin(deps.log, account)
  try {
    await deps.insider.signIn(credentials)
    const attempts = await steal(account, watch, deps)
    const isRefused = attempts.some(({ status }) => status >= 300)
    await watch.until(() => (isRefused ? isStopping(watch) : watch.first !== undefined), patienceMs)
    const alert = watch.first
    if (alert) await recorded(alert, deps)
    if (alert && freezes(alert.alert)) await watch.until(() => watch.frozenAt !== undefined, patienceMs)
    return { ...summary(attempts, watch, alert), ...(await notified(attempts, alert, deps)) }
  } finally {
    await watch.end()
  }
}

/** Goes on after refusals, as one would who does not know why: only a freeze or the end of his customers stops him. */
async function steal(account: string, watch: Watch, { stage, insider, signal }: Deps): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  let refusedSince: number | undefined
  for (let made = 0; made < mostPhotos && !isStopping(watch); made += atOnce)
    for (const { photo } of await stage.customers(account, made, atOnce)) {
      signal.throwIfAborted()
      const attempt = await insider.look(photo)
      attempts.push(attempt)
      if (isOver(attempt)) return attempts
      if (attempt.status < 300) continue
      refusedSince ??= attempt.answeredAt
      const left = patienceMs - (attempt.answeredAt - refusedSince)
      // A freeze follows within moments: knocking on a closed door meanwhile would show nothing more.
      if (await watch.until(() => watch.frozenAt !== undefined, Math.max(0, left))) continue
      return attempts
    }
  return attempts
}

/** Until the response has taken the alert up: what is to be cleared away afterwards is there then. */
async function recorded({ offset }: HeardAlert, { log, signal }: Deps): Promise<void> {
  for (let waited = 0; waited < patienceMs; waited += lookEveryMs) {
    if (((await log.committed('response', 'alerts')).get(0)?.offset ?? 0) > offset) return
    await sleep(lookEveryMs, undefined, { signal })
  }
}

/** Other rules may have told of him before: at night everybody is told of. */
const isStopping = (watch: Watch): boolean => watch.first !== undefined && freezes(watch.first.alert)

const isOver = ({ code }: Attempt): boolean => code === 'account_frozen' || code === 'not_signed_in'

type Stopped = Omit<DrillResult, 'notices' | 'notify_ms'>

function summary(attempts: readonly Attempt[], watch: Watch, heard: HeardAlert | undefined): Stopped {
  const began = attempts[0]?.askedAt ?? 0
  const served = attempts.filter(({ status }) => status < 300).length
  const broke = breaking(attempts, heard)
  const counts = { served, refused: attempts.length - served }
  const last = attempts.at(-1)?.answeredAt ?? began
  if (!heard || !broke) return { ...counts, worked_ms: Math.round(last - began) }
  const since = (at: number | undefined) => (at === undefined ? undefined : Math.max(0, Math.round(at - broke.askedAt)))
  const held = attempts.find(({ code }) => code === 'limit_reached')
  return {
    ...counts,
    worked_ms: Math.round(broke.askedAt - began),
    rule: heard.alert.rule,
    alert_id: heard.alert.id,
    detect_ms: since(heard.at),
    hold_ms: since(held?.answeredAt),
    freeze_ms: since(watch.frozenAt),
  }
}

/** The access that fired the rule: from here it is counted how soon what happened. */
const breaking = (attempts: readonly Attempt[], heard: HeardAlert | undefined): Attempt | undefined =>
  attempts.find(({ eventId }) => eventId === heard?.alert.event_id) ?? (heard && attempts.at(-1))

/** How soon somebody was told, where somebody wants to be. */
async function notified(
  attempts: readonly Attempt[],
  heard: HeardAlert | undefined,
  { log, store, signal }: Deps,
): Promise<Pick<DrillResult, 'notices' | 'notify_ms'>> {
  const broke = breaking(attempts, heard)
  if (!heard || !broke) return { notices: 'nobody' }
  for (let waited = 0; waited < noticesMs; waited += lookEveryMs) {
    const decided = ((await log.committed('notices', 'alerts')).get(0)?.offset ?? 0) > heard.offset
    const sent = await store.db
      .select({ at: noticeDeliveries.sentAt })
      .from(noticeDeliveries)
      .innerJoin(notices, eq(notices.id, noticeDeliveries.noticeId))
      .where(sql`${notices.notice}->>'alert_id' = ${heard.alert.id}`)
    const first = Math.min(...sent.flatMap(({ at }) => at?.getTime() ?? []))
    if (Number.isFinite(first)) {
      const askedAt = performance.timeOrigin + broke.askedAt
      return { notices: 'sent', notify_ms: Math.max(0, Math.round(first - askedAt)) }
    }
    if (decided && !sent.length) return { notices: 'nobody' }
    await sleep(lookEveryMs, undefined, { signal })
  }
  return { notices: 'late' }
}
