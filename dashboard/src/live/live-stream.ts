import type { FeedItem, LiveItem, LiveMessages } from '@custodia/contracts'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { applyItems, beginAnew, caughtUp, emptyLive, type LiveState } from './live-state.js'

/** `ended`: the session is over, nobody comes back by itself. */
export type Connection = 'connecting' | 'connected' | 'reconnecting' | 'ended'

/** What a page hears of its stream. */
export interface LiveListener {
  state(state: LiveState): void
  connection(connection: Connection): void
  /** after the state knows them: what was new, each record once */
  news(items: readonly LiveItem[]): void
  feed(items: readonly FeedItem[], perMinute: number): void
  /** the page knows everything again; `resumed`: without loading anything anew */
  ready(resumed: boolean): void
  bye(code: string): void
}

/** A server says something every second. After a longer silence the line is dead, whatever the network believes. */
const longestSilenceMs = 8_000
const watchMs = 1_000

/**
 * A page's way along the two topics, without anything of a page: one socket that comes back by itself, says where it stands,
 * and is told what it missed. docs/live.md.
 */
export class LiveStream {
  private now: LiveState = emptyLive
  private word: Connection = 'connecting'
  private heardAt = Date.now()
  private resumed = false
  private readonly socket: Socket<LiveMessages, Record<never, never>>
  private readonly watch: ReturnType<typeof setInterval>

  constructor(
    url: string,
    private readonly listener: LiveListener,
    options: Partial<ManagerOptions & SocketOptions> = {},
  ) {
    this.socket = io(url, {
      path: '/socket.io',
      transports: ['websocket'],
      auth: (send) => send({ ...this.now.cursor }),
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      ...options,
    })
    this.listen()
    this.watch = setInterval(() => this.lookAtSilence(), watchMs)
  }

  get state(): LiveState {
    return this.now
  }

  /** For what is known from elsewhere: history. */
  change(update: (state: LiveState) => LiveState): void {
    this.now = update(this.now)
    this.listener.state(this.now)
  }

  close(): void {
    clearInterval(this.watch)
    this.socket.disconnect()
  }

  private listen(): void {
    const { socket, listener } = this
    socket.onAny(() => (this.heardAt = Date.now()))
    socket.on('begin', ({ cursor, resumed }) => {
      this.resumed = resumed
      if (!resumed) this.change(() => beginAnew(cursor))
    })
    socket.on('records', ({ items, cursor }, received) => {
      const { state, news } = applyItems(this.now, items, cursor)
      this.change(() => state)
      received()
      if (news.length) listener.news(news)
    })
    socket.on('caught_up', ({ cursor }) => {
      this.change((state) => caughtUp(state, cursor))
      this.say('connected')
      listener.ready(this.resumed)
    })
    socket.on('feed', ({ items, per_minute }) => listener.feed(items, per_minute))
    socket.on('bye', ({ code }) => {
      this.say('ended')
      this.close()
      listener.bye(code)
    })
    // The manager tries again by itself, but for a server that ends the connection politely: it waits to be asked.
    socket.on('disconnect', (reason) => {
      this.say('reconnecting')
      if (reason === 'io server disconnect' && this.word !== 'ended') setTimeout(() => this.comeBack(), watchMs)
    })
    socket.on('connect_error', () => this.say('reconnecting'))
  }

  private comeBack(): void {
    if (this.word !== 'ended') this.socket.connect()
  }

  private lookAtSilence(): void {
    if (!this.socket.connected || Date.now() - this.heardAt < longestSilenceMs) return
    this.heardAt = Date.now()
    this.socket.io.engine.close()
  }

  private say(connection: Connection): void {
    if (this.word === 'ended' || this.word === connection) return
    this.word = connection
    this.listener.connection(connection)
  }
}
