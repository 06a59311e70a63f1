import type { AccountRecord, FeedItem, LiveMessages } from '@custodia/contracts'
import { createEventHook, createSharedComposable, tryOnScopeDispose } from '@vueuse/core'
import { io, type Socket } from 'socket.io-client'
import { computed, shallowRef } from 'vue'
import { call } from '../api/client.js'
import { asProblem, type ApiProblem } from '../api/problem.js'
import { useSession } from '../session/use-session.js'
import { useMinute } from '../ui/use-clock.js'
import {
  applyAccount,
  applyAlert,
  caughtUp,
  emptyLive,
  newestFirst,
  withFrozen,
  withHistory,
  type LiveState,
} from './live-state.js'

export type Connection = 'connecting' | 'connected' | 'reconnecting' | 'ended'
const FEED_KEPT = 100

/**
 * One socket for the whole page. It begins at the log's end and asks for history once; after an interruption it resumes
 * from its cursor, so that every alert and account state is applied exactly once.
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
  const session = useSession()
  const now = useMinute()

  const history = async () => {
    try {
      // A freeze or lift that arrives while the list is on its way makes that list old: ask again.
      for (let tries = 0; tries < 3; tries++) {
        const before = state.value.cursor?.accounts
        const [alerts, summary] = await Promise.all([call('alerts', { query: { limit: 100 } }), call('liveSummary')])
        state.value = withHistory(state.value, alerts.items)
        if (state.value.cursor?.accounts !== before && tries < 2) continue
        state.value = withFrozen(state.value, summary.frozen)
        break
      }
      problem.value = undefined
      loaded.value = true
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  const socket: Socket<LiveMessages, Record<never, never>> = io('/live', {
    path: '/socket.io',
    transports: ['websocket'],
    auth: (send) => send({ ...state.value.cursor }),
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  })
  socket.on('disconnect', (reason) => {
    if (connection.value !== 'ended') connection.value = reason === 'io client disconnect' ? 'ended' : 'reconnecting'
    if (reason === 'io server disconnect' && connection.value !== 'ended') socket.connect()
  })
  socket.on('connect_error', () => {
    connection.value = 'reconnecting'
  })
  socket.on('alert', ({ offset, record }) => {
    state.value = applyAlert(state.value, offset, record)
    void changed.trigger()
  })
  socket.on('account', ({ offset, record }) => {
    state.value = applyAccount(state.value, offset, record)
    void accounts.trigger(record)
    void changed.trigger()
  })
  socket.on('feed', (message) => {
    feed.value = [...message.items].reverse().concat(feed.value).slice(0, FEED_KEPT)
    perMinute.value = message.per_minute
  })
  socket.on('caught_up', ({ cursor }) => {
    state.value = caughtUp(state.value, cursor)
    connection.value = 'connected'
    if (!loaded.value) void history()
  })
  socket.on('bye', ({ code }) => {
    connection.value = 'ended'
    socket.disconnect()
    // the next request tells the person why: signed out, or frozen
    if (code) void session.refresh().catch(() => undefined)
  })
  tryOnScopeDispose(() => socket.disconnect())

  return {
    /** all known alerts, newest first */
    alerts: computed(() => newestFirst(state.value.alerts.values())),
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
    /** any alert or account state has come */
    onChange: changed.on,
  }
})
