import { Inject, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets'
import { LiveCursor, type AccountRecord } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Origin } from '../gateway/caller.js'
import { clientAddressOf } from '../gateway/client-address.js'
import { Hearing } from '../gateway/hearing.js'
import { mayEver } from '../gateway/policy.js'
import { DeviceCookie, deviceCookie } from '../identity/device-cookie.js'
import { sessionCookie, SessionsService, type SessionCaller } from '../identity/sessions.service.js'
import { NamesService } from '../timelines/names.service.js'
import { beginningOf, type Beginning } from './beginning.js'
import { cookieOf } from './cookie.js'
import { Feed } from './feed.js'
import { Follower } from './follower.js'
import { accountIn, LiveTopic } from './live-topic.js'
import { LogName } from './log-name.js'
import { letGo, sayBye, type LiveSocket } from './socket.js'

interface Client {
  socket: LiveSocket
  caller: SessionCaller
  follower: Follower
}

/** How often it is asked whose session is over by the clock: whoever ends one, says so at once. */
const sweepMs = 5_000

/**
 * ⑤ Pushes alerts and account states to the desk's open pages. Every gateway reads the topics itself and serves its own
 * sockets; a client says where it stands (its cursor) and gets exactly what it missed, then what comes. docs/live.md.
 */
@WebSocketGateway({
  namespace: '/live',
  transports: ['websocket'],
  pingInterval: 10_000,
  pingTimeout: 10_000,
  maxHttpBufferSize: 4096, // a page says where it stands and what it has received
})
export class LiveGateway implements OnGatewayConnection, OnModuleInit, OnModuleDestroy {
  /** how long a client may take for what is on its way to it */
  private readonly patienceMs = 20_000
  private readonly clients = new Map<string, Client>()
  /** of connections whose session is being looked up: what was said of accounts meanwhile */
  private readonly arriving = new Set<AccountRecord[]>()
  private readonly alerts: LiveTopic
  private readonly accounts: LiveTopic
  private readonly feed: Feed
  private timer?: NodeJS.Timeout
  private readonly addressOf: ReturnType<typeof clientAddressOf>

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly sessions: SessionsService,
    private readonly names: NamesService,
    private readonly hearing: Hearing,
    private readonly logName: LogName,
    private readonly devices: DeviceCookie,
  ) {
    this.addressOf = clientAddressOf(config.http.trustedProxies)
    this.alerts = new LiveTopic(log, 'alerts')
    this.accounts = new LiveTopic(log, 'accounts')
    this.feed = new Feed(log, names)
  }

  async onModuleInit(): Promise<void> {
    const wake = () => {
      for (const { follower } of this.clients.values()) follower.wake()
    }
    await this.alerts.open(wake)
    await this.accounts.open((records) => {
      for (const { value } of records) this.hear(accountIn(value))
      wake()
    })
    this.feed.start(
      (message) => {
        for (const { socket } of this.clients.values()) socket.volatile.emit('feed', message)
      },
      () => this.clients.size > 0,
    )
    this.timer = setInterval(() => void this.sweep(), sweepMs)
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    for (const { socket } of this.clients.values()) letGo(socket)
    await Promise.all([this.alerts.close(), this.accounts.close(), this.feed.stop()])
  }

  async handleConnection(socket: LiveSocket): Promise<void> {
    const meanwhile: AccountRecord[] = []
    this.arriving.add(meanwhile)
    try {
      const caller = await this.admit(socket)
      if (!caller) return sayBye(socket, 'not_signed_in', 'Sign in first.')
      const beginning = await this.beginning(socket)
      if (!socket.connected) return
      this.arriving.delete(meanwhile)
      const follower = this.follow(socket, caller, beginning)
      for (const record of meanwhile) this.endSockets(record)
      await follower.catchUp()
    } catch (error) {
      this.logger.warn({ err: error }, 'live: a connection failed')
      letGo(socket)
    } finally {
      this.arriving.delete(meanwhile)
    }
  }

  private follow(socket: LiveSocket, caller: SessionCaller, beginning: Beginning): Follower {
    const onGivenUp = (why: unknown) => {
      this.logger.info({ err: why }, 'live: a client that does not keep up is let go, it resumes from its cursor')
      letGo(socket)
    }
    const { names, patienceMs } = this
    const topics = [this.accounts, this.alerts]
    const follower = new Follower(socket, { topics, names, patienceMs, onGivenUp }, beginning)
    this.clients.set(socket.id, { socket, caller, follower })
    socket.once('disconnect', () => {
      follower.stop()
      this.clients.delete(socket.id)
    })
    return follower
  }

  private async beginning(socket: LiveSocket): Promise<Beginning> {
    const [log, alerts, accounts, responded] = await Promise.all([
      this.logName.get(),
      this.alerts.range(),
      this.accounts.range(),
      this.log.committed('response', 'alerts'),
    ])
    const given = LiveCursor.safeParse(socket.handshake.auth).data
    return beginningOf(given, { log, alerts, accounts, recorded: responded.get(0)?.offset ?? 0 })
  }

  /** The same session as everywhere else, from our own pages only; and by a gateway that would hear that it ended. */
  private async admit(socket: LiveSocket): Promise<SessionCaller | undefined> {
    this.hearing.require()
    const { origin, cookie, 'sec-fetch-site': site } = socket.handshake.headers
    if (origin !== undefined && origin !== this.config.http.origin) return undefined
    if (site === 'cross-site' || site === 'same-site') return undefined
    const caller = await this.sessions.find(cookieOf(cookie, sessionCookie))
    if (!caller || this.sessions.hasMoved(caller, this.originOf(socket))) return undefined
    return !caller.frozen && caller.level === 'full' && mayEver(caller, 'live.read') ? caller : undefined
  }

  /** Where the handshake comes from, as the door sees requests. */
  private originOf({ handshake }: LiveSocket): Pick<Origin, 'ip' | 'device'> {
    const { cookie, 'x-forwarded-for': forwarded } = handshake.headers
    return {
      ip: this.addressOf(handshake.address, Array.isArray(forwarded) ? forwarded.join() : forwarded),
      device: this.devices.deviceOf(cookieOf(cookie, deviceCookie)),
    }
  }

  private hear(record: AccountRecord | undefined): void {
    if (!record) return
    for (const meanwhile of this.arriving) meanwhile.push(record)
    this.endSockets(record)
  }

  private endSockets(record: AccountRecord): void {
    if (record.kind !== 'frozen' && record.kind !== 'sessions_revoked') return
    for (const client of this.clients.values()) {
      const { id, session } = client.caller
      if (record.kind === 'frozen' && record.freeze.account === id)
        this.end(client, 'account_frozen', record.freeze.reason)
      if (record.kind === 'sessions_revoked' && record.account === id && record.sessions.includes(session))
        this.end(client, 'not_signed_in', 'The session was ended.')
    }
  }

  /** Nothing more is sent from this very moment. */
  private end({ socket, follower }: Client, code: string, message: string): void {
    follower.stop()
    this.clients.delete(socket.id)
    sayBye(socket, code, message)
  }

  private async sweep(): Promise<void> {
    const clients = [...this.clients.values()]
    if (this.hearing.lost) for (const { socket } of clients) letGo(socket)
    else if (clients.length)
      try {
        const over = await this.sessions.overOf(clients.map(({ caller }) => caller.session))
        for (const client of clients)
          if (over.has(client.caller.session)) this.end(client, 'not_signed_in', 'The session is over.')
      } catch (error) {
        this.logger.warn({ err: error }, 'live: sessions cannot be looked up right now')
      }
  }
}
