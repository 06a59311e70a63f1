import type { AccountRecord, Permission } from '@custodia/contracts'
import type { Logger } from 'pino'
import type { SessionCaller } from '../identity/sessions.service.js'
import type { SocketDoor } from './socket-door.js'
import { letGo, letGoUnlessJoined, sayBye, type LiveSocket } from './socket.js'

export interface OpenSocket {
  socket: LiveSocket
  caller: SessionCaller
  /** nothing more is sent from this very moment */
  stop?: () => void
}

/** How often it is asked whose session is over by the clock: whoever ends one, says so at once. */
const sweepMs = 5_000

/** The pages that are connected to one namespace. A session that ends ends its connections before anything else is sent to it. */
export class OpenSockets<T extends OpenSocket> {
  readonly all = new Map<string, T>()
  /** of connections whose session is being looked up: what was said of accounts meanwhile */
  private readonly arriving = new Set<AccountRecord[]>()
  private timer?: NodeJS.Timeout

  constructor(
    private readonly door: SocketDoor,
    private readonly needs: Permission,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), sweepMs)
  }

  stop(): void {
    clearInterval(this.timer)
    for (const { socket } of this.all.values()) letGo(socket)
  }

  /** Undefined for whoever is not admitted, or is gone again. `prepare` ends with what makes the connection one of ours. */
  async enter(
    socket: LiveSocket,
    prepare: (caller: SessionCaller) => Promise<() => T> | (() => T),
  ): Promise<T | undefined> {
    const meanwhile: AccountRecord[] = []
    this.arriving.add(meanwhile)
    try {
      const caller = await this.door.admit(socket, this.needs)
      if (!caller) {
        sayBye(socket, 'not_signed_in', 'Sign in first.')
        return undefined
      }
      const begin = await prepare(caller)
      if (!socket.connected) return undefined
      const client = this.keep(begin())
      for (const record of meanwhile) this.endThoseOf(record)
      return client
    } catch (error) {
      this.logger.warn({ err: error }, 'live: a connection failed')
      letGo(socket)
      return undefined
    } finally {
      this.arriving.delete(meanwhile)
    }
  }

  /** Whatever is said of an account; before it is passed on to anybody. */
  hear(record: AccountRecord): void {
    for (const meanwhile of this.arriving) meanwhile.push(record)
    this.endThoseOf(record)
  }

  private keep(client: T): T {
    const { socket } = client
    this.all.set(socket.id, client)
    letGoUnlessJoined(socket)
    socket.once('disconnect', () => {
      client.stop?.()
      this.all.delete(socket.id)
    })
    return client
  }

  private endThoseOf(record: AccountRecord): void {
    if (record.kind !== 'frozen' && record.kind !== 'sessions_revoked') return
    for (const client of this.all.values()) {
      const { id, session } = client.caller
      if (record.kind === 'frozen' && record.freeze.account === id)
        this.end(client, 'account_frozen', record.freeze.reason)
      if (record.kind === 'sessions_revoked' && record.account === id && record.sessions.includes(session))
        this.end(client, 'not_signed_in', 'The session was ended.')
    }
  }

  private end(client: T, code: string, message: string): void {
    client.stop?.()
    this.all.delete(client.socket.id)
    sayBye(client.socket, code, message)
  }

  private async sweep(): Promise<void> {
    const clients = [...this.all.values()]
    if (this.door.isDeaf) for (const { socket } of clients) letGo(socket)
    else if (clients.length)
      try {
        const over = await this.door.overOf(clients.map(({ caller }) => caller.session))
        for (const client of clients)
          if (over.has(client.caller.session)) this.end(client, 'not_signed_in', 'The session is over.')
      } catch (error) {
        this.logger.warn({ err: error }, 'live: sessions cannot be looked up right now')
      }
  }
}
