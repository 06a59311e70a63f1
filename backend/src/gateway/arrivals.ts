import { Injectable } from '@nestjs/common'
import type { RouteSpec } from '@custodia/contracts'
import { credentialOf } from '../identity/credential.js'
import { notKnown, SessionsService, type SessionCaller } from '../identity/sessions.service.js'
import type { Access } from './access.js'
import type { GatewayRequest } from './serve.js'
import { isOurId } from './target.js'

/** Finds the session by its token's hash and, in the same statement, what the access is after; keeps that for its room. */
export type Arrival = (token: Buffer, id: string, access: Access) => Promise<SessionCaller | undefined>

/**
 * Routes that are asked so often that door and room share one statement: it tells the caller and brings the record along,
 * both of one moment. The door judges the caller as ever; only then does the room see what was brought.
 */
@Injectable()
export class Arrivals {
  private readonly arrivals = new Map<RouteSpec, Arrival>()

  constructor(private readonly sessions: SessionsService) {}

  at(route: RouteSpec, arrival: Arrival): void {
    this.arrivals.set(route, arrival)
  }

  /** The person behind the request, or `not_signed_in`. */
  async callerOf(route: RouteSpec, request: GatewayRequest): Promise<SessionCaller> {
    const arrival = this.arrivals.get(route)
    const { id } = request.params as { id?: unknown }
    if (!arrival || !isOurId(id)) return this.sessions.callerOf(request)
    const token = credentialOf(request)
    const caller = token && (await arrival(token, id, request.access))
    if (!caller) throw notKnown(request)
    return caller
  }
}
