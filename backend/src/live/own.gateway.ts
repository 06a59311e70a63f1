import { Inject, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets'
import type { AccountRecord, LiveMessages } from '@custodia/contracts'
import type { Consumer, EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { EVENT_LOG, LOGGER } from '../adapters.js'
import { accountIn } from './live-topic.js'
import { OpenSockets, type OpenSocket } from './open-sockets.js'
import { SocketDoor } from './socket-door.js'
import { line, type LiveSocket } from './socket.js'

/**
 * Tells people what others decided on their own requests, and that their people are to be reviewed: theirs and nobody else's. What happens while a page is not connected
 * is not sent again: the page hears when it begins to be told, and looks for itself.
 */
@WebSocketGateway({ ...line, namespace: '/own' })
export class OwnGateway implements OnGatewayConnection, OnModuleInit, OnModuleDestroy {
  private readonly sockets: OpenSockets<OpenSocket>
  private tail?: Consumer

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) logger: Logger,
    door: SocketDoor,
  ) {
    this.sockets = new OpenSockets(door, 'approval.request', logger)
  }

  async onModuleInit(): Promise<void> {
    const end = (await this.log.range('accounts'))[0]?.end ?? 0
    this.tail = this.log.tail({ topic: 'accounts', from: { 0: end } }, (records) => {
      for (const { value } of records) this.tell(accountIn(value))
    })
    await this.tail.ready
    this.sockets.start()
  }

  async onModuleDestroy(): Promise<void> {
    this.sockets.stop()
    await this.tail?.stop()
  }

  async handleConnection(socket: LiveSocket): Promise<void> {
    const client = await this.sockets.enter(socket, (caller) => () => ({ socket, caller }))
    if (client && this.sockets.all.has(socket.id)) socket.emit('own', {})
  }

  private tell(record: AccountRecord | undefined): void {
    if (!record) return
    this.sockets.hear(record)
    if (record.kind === 'approval_moved')
      this.tellOne(record.account, { approval: { id: record.approval, step: record.step } })
    if (record.kind === 'review_begun')
      this.tellOne(record.account, { review: { id: record.review, people: record.people } })
  }

  private tellOne(account: string, news: Parameters<LiveMessages['own']>[0]): void {
    for (const { socket, caller } of this.sockets.all.values()) if (caller.id === account) socket.emit('own', news)
  }
}
