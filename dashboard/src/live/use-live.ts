import type { AccountRecord, AlertRecord, AlertWithTriage, FeedItem } from '@custodia/contracts'
import { createEventHook, createSharedComposable, tryOnScopeDispose } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { call } from '../api/client.js'
import { asProblem, type ApiProblem } from '../api/problem.js'
import { useSession } from '../session/use-session.js'
import { useMinute } from '../ui/use-clock.js'
import { emptyLive, isAside, newestFirst, withFrozen, withHistory, withSilences, type LiveState } from './live-state.js'
import { LiveStream, type Connection } from './live-stream.js'

const FEED_KEPT = 100

/**
 * One stream for the whole page. It asks for history once; after an interruption it resumes from its cursor, so that every
 * alert and account state is applied exactly once. Where that is not possible, it says so, and history is asked for again.
 */
export const useLive = createSharedComposable(() => {
  const state = shallowRef<LiveState>(emptyLive)
  const connection = shallowRef<Connection>('connecting')
  const feed = shallowRef<readonly FeedItem[]>([])
  const perMinute = shallowRef<number>()
  const problem = shallowRef<ApiProblem>()
  const loaded = shallowRef(false)
  const accounts = createEventHook<AccountRecord>()
  const changed = createEventHook<void>()
  const alertRecords = createEventHook<AlertRecord>()
  const session = useSession()
  const now = useMinute()

  const stream = new LiveStream('/live', {
    state: (next) => {
      state.value = next
    },
    connection: (word) => {
      connection.value = word
    },
    news: (items) => {
      for (const item of items)
        void (item.topic === 'accounts' ? accounts.trigger(item.record) : alertRecords.trigger(item.record))
      void changed.trigger()
    },
    feed: (items, rate) => {
      feed.value = [...items].reverse().concat(feed.value).slice(0, FEED_KEPT)
      perMinute.value = rate
    },
    ready: (resumed) => {
      if (!resumed) loaded.value = false
      if (!loaded.value) void history()
      void changed.trigger() // counts of the server may have moved while nobody listened
    },
    bye: (code) => {
      // the next request tells the person why: signed out, or frozen
      if (code) void session.refresh().catch(() => undefined)
    },
  })
  tryOnScopeDispose(() => stream.close())

  const history = async () => {
    try {
      // A freeze or lift that arrives while the list is on its way makes that list old: ask again.
      for (let tries = 0; tries < 3; tries++) {
        const before = state.value.cursor?.accounts
        const [alerts, summary, silences] = await Promise.all([
          call('alerts', { query: { limit: 100 } }),
          call('liveSummary'),
          call('silences'),
        ])
        stream.change((known) => withSilences(withHistory(known, alerts.items), silences.items))
        if (state.value.cursor?.accounts !== before && tries < 2) continue
        stream.change((known) => withFrozen(known, summary.frozen))
        break
      }
      problem.value = undefined
      loaded.value = true
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  return {
    /** all known alerts, newest first */
    alerts: computed(() => newestFirst(state.value.alerts.values())),
    /** silenced, or merged into another one */
    isAside: (alert: AlertWithTriage) => isAside(state.value, alert, now.value),
    alertById: (id: string) => state.value.alerts.get(id),
    /** active freezes, newest first; one whose time is over is gone even before its lift arrives */
    frozen: computed(() =>
      [...state.value.frozen.values()]
        .filter((freeze) => Date.parse(freeze.until) > now.value)
        .sort((a, b) => b.set_at.localeCompare(a.set_at)),
    ),
    feed,
    perMinute,
    connection,
    /** why history could not be read; the stream itself reconnects on its own */
    problem,
    loaded,
    reload: history,
    /** freezes, lifts, lift requests as they happen */
    onAccount: accounts.on,
    /** what becomes of alerts as it happens, also of those that are not in the list */
    onAlert: alertRecords.on,
    /** any alert or account state has come */
    onChange: changed.on,
  }
})
