import { Inject, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets'
import { AccountRecord, LiveCursor } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { mayEver } from '../gateway/policy.js'
import { sessionCookie, SessionsService, type SessionCaller } from '../identity/sessions.service.js'
import { NamesService } from '../triage/names.service.js'
import { cookieOf } from './cookie.js'
import { Feed } from './feed.js'
import { Follower } from './follower.js'
import type { LiveSocket } from './socket.js'

interface Client {
  socket: LiveSocket
  caller: SessionCaller
  follower: Follower
}

/**
 * ⑤ Pushes alerts and account states to the desk's open pages. Every gateway reads the topics itself and serves its own
 * sockets; a client says where it stands (its cursor) and gets exactly what it missed, then what comes.
 */
@WebSocketGateway({ namespace: '/live', transports: ['websocket', 'polling'] })
export class LiveGateway implements OnGatewayConnection, OnModuleInit, OnModuleDestroy {
  private readonly clients = new Map<string, Client>()
  private readonly feed: Feed
  private stops: (() => Promise<void>)[] = []

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly sessions: SessionsService,
    private readonly names: NamesService,
  ) {
    this.feed = new Feed(log, names)
  }

  async onModuleInit(): Promise<void> {
    const wake = () => {
      for (const { follower } of this.clients.values()) follower.wake()
    }
    const alerts = this.log.tail({ topic: 'alerts' }, wake)
    const accounts = this.log.tail({ topic: 'accounts' }, (records) => {
      for (const { value } of records)
        this.endSockets(AccountRecord.safeParse(JSON.parse(Buffer.from(value).toString())).data)
      wake()
    })
    this.feed.start(
      (message) => {
        for (const { socket } of this.clients.values()) if (isKeepingUp(socket)) socket.volatile.emit('feed', message)
      },
      () => this.clients.size > 0,
    )
    await Promise.all([alerts.ready, accounts.ready])
    this.stops = [() => alerts.stop(), () => accounts.stop(), () => this.feed.stop()]
  }

  async onModuleDestroy(): Promise<void> {
    for (const { socket } of this.clients.values()) socket.disconnect(true)
    await Promise.all(this.stops.map((stop) => stop()))
  }

  async handleConnection(socket: LiveSocket): Promise<void> {
    try {
      const caller = await this.admit(socket)
      if (!caller) return this.sayBye(socket, 'not_signed_in', 'Sign in first.')
      const follower = new Follower(this.log, this.names, socket, isKeepingUp)
      this.clients.set(socket.id, { socket, caller, follower })
      socket.once('disconnect', () => {
        follower.stop()
        this.clients.delete(socket.id)
      })
      const cursor = LiveCursor.partial().safeParse(socket.handshake.auth)
      await follower.start(cursor.success ? cursor.data : {})
    } catch (error) {
      this.logger.warn({ err: error }, 'live: a connection failed')
      socket.disconnect(true)
    }
  }

  /** The same session as everywhere else, from our own pages only. */
  private async admit(socket: LiveSocket): Promise<SessionCaller | undefined> {
    const { origin, cookie } = socket.handshake.headers
    if (origin !== undefined && origin !== this.config.http.origin) return undefined
    const caller = await this.sessions.find(cookieOf(cookie, sessionCookie))
    return caller && !caller.frozen && caller.level === 'full' && mayEver(caller, 'live.read') ? caller : undefined
  }

  private endSockets(record: AccountRecord | undefined): void {
    if (record?.kind !== 'frozen' && record?.kind !== 'sessions_revoked') return
    for (const { socket, caller } of this.clients.values()) {
      if (record.kind === 'frozen' && record.freeze.account === caller.id)
        this.sayBye(socket, 'account_frozen', record.freeze.reason)
      if (
        record.kind === 'sessions_revoked' &&
        record.account === caller.id &&
        record.sessions.includes(caller.session)
      )
        this.sayBye(socket, 'not_signed_in', 'The session was ended.')
    }
  }

  private sayBye(socket: LiveSocket, code: string, message: string): void {
    socket.emit('bye', { code, message })
    socket.disconnect(true)
  }
}

/** How many packets may wait for a slow client before samples are dropped and alerts wait in the log. */
const largestQueue = 64
const isKeepingUp = (socket: LiveSocket): boolean =>
  (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length < largestQueue
