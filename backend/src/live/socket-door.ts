import { Inject, Injectable } from '@nestjs/common'
import type { Permission } from '@custodia/contracts'
import { CONFIG, type Config } from '../config.js'
import type { Origin } from '../gateway/caller.js'
import { clientAddressOf } from '../gateway/client-address.js'
import { Hearing } from '../gateway/hearing.js'
import { mayEver } from '../gateway/policy.js'
import { sessionCookie } from '../identity/credential.js'
import { DeviceCookie, deviceCookie } from '../identity/device-cookie.js'
import { SessionsService, type SessionCaller } from '../identity/sessions.service.js'
import { cookieOf } from './cookie.js'
import type { LiveSocket } from './socket.js'

/** Whose page it is that opens a connection. The same for every namespace. */
@Injectable()
export class SocketDoor {
  private readonly addressOf: ReturnType<typeof clientAddressOf>

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly sessions: SessionsService,
    private readonly hearing: Hearing,
    private readonly devices: DeviceCookie,
  ) {
    this.addressOf = clientAddressOf(config.http.trustedProxies)
  }

  /** The same session as everywhere else, and by a gateway that would hear that it ended. Other sites' pages never come so far: `isSocketUpgrade`. */
  async admit(socket: LiveSocket, needs: Permission): Promise<SessionCaller | undefined> {
    this.hearing.require()
    const caller = await this.sessions.find(cookieOf(socket.handshake.headers.cookie, sessionCookie))
    if (!caller || this.sessions.hasMoved(caller, this.originOf(socket))) return undefined
    return !caller.frozen && caller.level === 'full' && mayEver(caller, needs) ? caller : undefined
  }

  /** This gateway does not hear any more who is frozen. */
  get isDeaf(): boolean {
    return this.hearing.lost
  }

  /** Which of these sessions are over by the clock. */
  overOf(sessions: string[]): Promise<Set<string>> {
    return this.sessions.overOf(sessions)
  }

  /** Where the handshake comes from, as the door sees requests. */
  private originOf({ handshake }: LiveSocket): Pick<Origin, 'ip' | 'device'> {
    const { cookie, 'x-forwarded-for': forwarded } = handshake.headers
    return {
      ip: this.addressOf(handshake.address, Array.isArray(forwarded) ? forwarded.join() : forwarded),
      device: this.devices.deviceOf(cookieOf(cookie, deviceCookie)),
    }
  }
}
