import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { Door, RouteSpec } from '@custodia/contracts'
import { CaptureService } from '../capture/capture.service.js'
import { Enricher } from '../capture/enricher.js'
import { CONFIG, type Config } from '../config.js'
import { ApiTokensService } from '../identity/api-tokens.service.js'
import { DeviceCookie } from '../identity/device-cookie.js'
import { Restrictions } from '../identity/restrictions.service.js'
import { SessionsService } from '../identity/sessions.service.js'
import { Access } from './access.js'
import { Arrivals } from './arrivals.js'
import type { FastifyReply } from 'fastify'
import { OPEN_TO_ALL } from './open-to-all.js'
import type { Caller } from './caller.js'
import { Hearing } from './hearing.js'
import { originOf } from './origin.js'
import { isProtected, mayEver, requireConditions } from './policy.js'
import { ProblemError } from './problem.js'
import { ROUTE, type GatewayRequest } from './serve.js'
import { targetOf } from './target.js'

const behindSession = new Set<Door>(['first_factor', 'session', 'token'])

/** The gate: site of origin, session, level of authentication, role. What has no route of the table is refused, unless it says aloud that it is open. */
@Injectable()
export class DoorGuard implements CanActivate {
  constructor(
    private readonly capture: CaptureService,
    private readonly enricher: Enricher,
    private readonly sessions: SessionsService,
    private readonly arrivals: Arrivals,
    private readonly restrictions: Restrictions,
    private readonly hearing: Hearing,
    private readonly tokens: ApiTokensService,
    private readonly devices: DeviceCookie,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets have their own handshake (live/); it checks the same session.
    if (context.getType() !== 'http') return true
    const route = Reflect.getMetadata(ROUTE, context.getHandler()) as RouteSpec | undefined
    if (!route && Reflect.hasMetadata(OPEN_TO_ALL, context.getHandler())) return true
    if (!route) throw new ProblemError('not_found')
    const request = context.switchToHttp().getRequest<GatewayRequest>()
    const reply = context.switchToHttp().getResponse<FastifyReply>()
    request.access = new Access(route, originOf(request, reply, this.devices), this.capture).about(
      targetOf(route, request.params),
    )
    if (behindSession.has(route.door)) await this.enter(route, request)
    else this.requireOwnSite(request)
    return true
  }

  private async enter(route: RouteSpec, request: GatewayRequest): Promise<void> {
    const caller = await this.arrivals.callerOf(route, request)
    const moved = this.sessions.movedSince(caller, request.access.origin)
    if (moved.length) caller.moved = moved
    const elsewhere = this.sessions.hasMoved(caller, request.access.origin)
    const wasFull = caller.level === 'full'
    // A cookie that turns up elsewhere is worth a password: its holder shows a factor again, and gets a session of their own.
    if (elsewhere) caller.level = 'first_factor'
    request.access.identify(caller) // from here on a refusal is written down under this name
    // Whom a provider's second factor let in may have none of ours to show: whoever holds the cookie must not enrol the first one.
    if (elsewhere && wasFull && !(await this.sessions.hasSecondFactor(caller))) throw new ProblemError('not_signed_in')
    // No browser sends a token by itself: another site cannot make one do it.
    if (!caller.scopes) this.requireOwnSite(request)
    await this.sessions.requireUnfrozen(caller)
    this.tokens.admit(caller, route)
    if (route.door === 'session' && caller.level !== 'full')
      throw new ProblemError(
        (await this.sessions.hasSecondFactor(caller)) ? 'second_factor_required' : 'enrolment_required',
      )
    if (!route.needs && route.door !== 'first_factor') throw new ProblemError('not_allowed')
    if (route.needs && !mayEver(caller, route.needs)) throw new ProblemError('not_allowed')
    if (route.needs) requireConditions(caller, route.needs, this.circumstancesOf(caller, request))
    if (isProtected(route)) this.hearing.require()
    await this.restrictions.require(caller, route, request)
  }

  /** Working hours are those of the person's shift, where their team has one. */
  private circumstancesOf({ team }: Caller, { access: { origin } }: GatewayRequest) {
    return { ip: origin.ip, offHours: this.enricher.enrich(new Date(), { team }).off_hours }
  }

  /** A browser says where a request was made; another site's requests read and change nothing here. */
  private requireOwnSite(request: GatewayRequest): void {
    const { origin, 'sec-fetch-site': site } = request.headers
    if (site === 'cross-site' || site === 'same-site') throw new ProblemError('wrong_origin')
    if (origin !== undefined && origin !== this.config.http.origin) throw new ProblemError('wrong_origin')
  }
}
