import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { ProblemCode } from '@custodia/contracts'
import type { FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import { LOGGER } from '../adapters.js'
import { PhotoStoreUnavailable } from '../photo-store/photo-store.js'
import { isLostRace, isServerLost } from '../record-store/failures.js'
import { ProblemError } from './problem.js'
import { asScimError, isScim, scimType } from './scim-error.js'
import type { GatewayRequest } from './serve.js'

const byStatus: Record<number, ProblemCode> = {
  400: 'malformed_body',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_attempts',
}

/** Anything thrown, as a code of the table. What we did not foresee is `internal`: logged here, told to nobody. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof PhotoStoreUnavailable) return comeBack('photo_store_unavailable', error)
  if (isServerLost(error)) return comeBack('record_store_unavailable', error)
  if (isLostRace(error)) return new ProblemError('conflict', {}, { cause: error })
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown } | null)?.statusCode
  const code = typeof status === 'number' ? byStatus[status] : undefined
  return new ProblemError(code ?? 'internal', {}, { cause: error })
}

const comeBack = (code: ProblemCode, cause: unknown) =>
  new ProblemError(code, { headers: { 'retry-after': '1' } }, { cause })

/** Whatever is not there right now may be in a moment. */
const comingBack = ({ status }: ProblemError): Record<string, string> => (status === 503 ? { 'retry-after': '1' } : {})

/** Every error answer: written down as an access that was not given, then told as RFC 9457 problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    if (host.getType() !== 'http') throw error
    const request = host.switchToHttp().getRequest<GatewayRequest>()
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    const problem = await this.writeDown(asProblem(error), request)
    if (problem.status >= 500)
      this.logger.error({ code: problem.code, request_id: request.id, err: problem.cause }, 'request failed')
    if (reply.raw.destroyed || reply.sent) return
    const { access } = request
    if (access?.event) void reply.header('custodia-event-id', access.event.id)
    await reply
      .status(problem.status)
      .headers({ 'cache-control': 'no-store', ...comingBack(problem), ...problem.extra.headers })
      .type(isScim(request.url) ? scimType : 'application/problem+json')
      .send(isScim(request.url) ? asScimError(problem) : problem.toProblem(request.id))
  }

  /** A refusal is an access too. When it cannot be written down, that is what the caller hears. */
  private async writeDown(problem: ProblemError, { access }: GatewayRequest): Promise<ProblemError> {
    if (!access?.spec.event || access.event || problem.code === 'event_log_unavailable') return problem
    // Nobody we know, and no attempt to prove who they are: there is no access to write down.
    if (!access.known && access.spec.door !== 'public') return problem
    try {
      await access.refuse(problem)
      return problem
    } catch (failure) {
      return asProblem(failure)
    }
  }
}
