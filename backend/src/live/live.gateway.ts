import { Inject, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets'
import { LiveCursor } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import type { Namespace } from 'socket.io'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import type { SessionCaller } from '../identity/sessions.service.js'
import { NamesService } from '../timelines/names.service.js'
import { beginningOf, type Beginning } from './beginning.js'
import { Feed } from './feed.js'
import { Follower } from './follower.js'
import { accountIn, LiveTopic } from './live-topic.js'
import { LogName } from './log-name.js'
import { OpenSockets, type OpenSocket } from './open-sockets.js'
import { SocketDoor } from './socket-door.js'
import { letGo, line, refuseUnnamed, type LiveSocket } from './socket.js'

interface Client extends OpenSocket {
  follower: Follower
}

/**
 * ⑤ Pushes alerts and account states to the desk's open pages. Every gateway reads the topics itself and serves its own
 * sockets; a client says where it stands (its cursor) and gets exactly what it missed, then what comes. docs/live.md.
 */
@WebSocketGateway({ ...line, namespace: '/live' })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnModuleInit, OnModuleDestroy {
  /** how long a client may take for what is on its way to it */
  private readonly patienceMs = 20_000
  private readonly sockets: OpenSockets<Client>
  private readonly alerts: LiveTopic
  private readonly accounts: LiveTopic
  private readonly feed: Feed

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly names: NamesService,
    private readonly logName: LogName,
    door: SocketDoor,
  ) {
    this.sockets = new OpenSockets(door, 'live.read', logger)
    this.alerts = new LiveTopic(log, 'alerts')
    this.accounts = new LiveTopic(log, 'accounts')
    this.feed = new Feed(log, names)
  }

  async onModuleInit(): Promise<void> {
    const { all: clients } = this.sockets
    const wake = () => {
      for (const { follower } of clients.values()) follower.wake()
    }
    await this.alerts.open(wake)
    await this.accounts.open((records) => {
      for (const { value } of records) {
        const record = accountIn(value)
        if (record) this.sockets.hear(record)
      }
      wake()
    })
    this.feed.start(
      (message) => {
        for (const { socket } of clients.values()) socket.volatile.emit('feed', message)
      },
      () => clients.size > 0,
    )
    this.sockets.start()
  }

  async onModuleDestroy(): Promise<void> {
    this.sockets.stop()
    await Promise.all([this.alerts.close(), this.accounts.close(), this.feed.stop()])
  }

  afterInit({ server }: Namespace): void {
    refuseUnnamed(server)
  }

  async handleConnection(socket: LiveSocket): Promise<void> {
    const client = await this.sockets.enter(socket, async (caller) => {
      const beginning = await this.beginning(socket)
      return () => this.follow(socket, caller, beginning)
    })
    await client?.follower.catchUp()
  }

  private follow(socket: LiveSocket, caller: SessionCaller, beginning: Beginning): Client {
    const onGivenUp = (why: unknown) => {
      this.logger.info({ err: why }, 'live: a client that does not keep up is let go, it resumes from its cursor')
      letGo(socket)
    }
    const { names, patienceMs } = this
    const topics = [this.accounts, this.alerts]
    const follower = new Follower(socket, { topics, names, patienceMs, onGivenUp }, beginning)
    return { socket, caller, follower, stop: () => follower.stop() }
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
}
