import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { mergeMap, type Observable } from 'rxjs'
import { SessionsService } from '../identity/sessions.service.js'
import type { Access } from './access.js'
import { FileAnswer } from './file-answer.js'
import { Running, type RunningAnswer } from './running.js'
import type { GatewayRequest } from './serve.js'

/** No event, no answer: a handler that should have written one and did not is a defect, and nothing of its reply leaves. */
@Injectable()
export class EventInterceptor implements NestInterceptor {
  constructor(
    private readonly running: Running,
    private readonly sessions: SessionsService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle()
    const request = context.switchToHttp().getRequest<GatewayRequest>()
    const reply = context.switchToHttp().getResponse<FastifyReply>()
    void reply.header('cache-control', 'no-store')
    const access = request.access as Access | undefined
    if (!access) return next.handle() // open to all: health and metrics
    const answer = access.known ? this.running.begin(access, reply.raw) : undefined
    return next.handle().pipe(
      mergeMap(async (body: unknown) => {
        if (access.spec.event && !access.event)
          throw new Error(`${access.spec.method} ${access.spec.path} answered without writing its event`)
        // Frozen or signed out while this was being made: the person hears why, and nothing of it leaves.
        if (endedOwn(access, answer)) answer?.keep()
        else if (answer?.stale) await this.requireDue(request, answer)
        if (access.event) void reply.header('custodia-event-id', access.event.id)
        return body instanceof FileAnswer ? body.through(reply) : body
      }),
    )
  }

  /** Only what was allowed before the event that led to the freeze still goes out. */
  private async requireDue(request: GatewayRequest, answer: RunningAnswer): Promise<void> {
    const { access } = request
    try {
      const caller = await this.sessions.callerOf(request)
      if (caller.frozen && access.isDue(caller.freezeCause)) return answer.finishSoon()
      await this.sessions.requireUnfrozen(caller)
    } catch (error) {
      await access.takeBack()
      throw error
    }
  }
}

/** Whoever ended or replaced this session by this very request is answered: signing out, or closing one's own account by SCIM. */
function endedOwn(access: Access, answer: RunningAnswer | undefined): boolean {
  if (access.spec.event === 'sign_out') return true
  if (!access.known) return false
  const { event, who } = access
  return answer?.session !== who.session || (event?.action === 'role_change' && event.subject === who.id)
}
