import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { tap, type Observable } from 'rxjs'
import type { Access } from './access.js'
import { Running } from './running.js'
import type { GatewayRequest } from './serve.js'

/** No event, no answer: a handler that should have written one and did not is a defect, and nothing of its reply leaves. */
@Injectable()
export class EventInterceptor implements NestInterceptor {
  constructor(private readonly running: Running) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle()
    const request = context.switchToHttp().getRequest<GatewayRequest>()
    const reply = context.switchToHttp().getResponse<FastifyReply>()
    void reply.header('cache-control', 'no-store')
    const access = request.access as Access | undefined
    if (!access) return next.handle() // open to all: health and metrics
    if (access.known) this.running.begin(access.who, reply.raw)
    return next.handle().pipe(
      tap(() => {
        if (!access.spec.event) return
        if (!access.event)
          throw new Error(`${access.spec.method} ${access.spec.path} answered without writing its event`)
        void reply.header('custodia-event-id', access.event.id)
      }),
    )
  }
}
