import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common'
import type { RouteSpec } from '@custodia/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Access } from './access.js'
import { ProblemError } from './problem.js'

/** Metadata key under which a handler carries its route. A handler without one is never served. */
export const ROUTE = 'custodia:route'

/** A request that has passed the door. */
export type GatewayRequest = FastifyRequest & { access: Access }

/** Serves a route of the contract's table: its method and path, its door and permission, its event. */
export const Serve = (route: RouteSpec): MethodDecorator =>
  applyDecorators(
    RequestMapping({ path: route.path, method: RequestMethod[route.method] }),
    HttpCode(route.reply ? 200 : 204),
    SetMetadata(ROUTE, route),
  )

const routeOf = (context: ExecutionContext): RouteSpec => Reflect.getMetadata(ROUTE, context.getHandler()) as RouteSpec

/** Throws `invalid_input` with every field that is wrong: paths and reasons, never values. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const parsed = schema.safeParse(value)
  const issues = parsed.success ? unstorable(parsed.data) : parsed.error.issues
  if (parsed.success && !issues.length) return parsed.data
  throw new ProblemError('invalid_input', {
    errors: issues.map((issue) => ({ path: [part, ...issue.path].join('.'), message: issue.message })),
  })
}

/** Texts that no database of ours takes, and nobody types: with a null character, or half of a surrogate pair. */
function unstorable(value: unknown, path: PropertyKey[] = []): { path: PropertyKey[]; message: string }[] {
  if (typeof value === 'string')
    return value.includes('\0') || !value.isWellFormed() ? [{ path, message: 'holds a character that is none' }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => unstorable(inner, [...path, key]))
}

/** The validated parameters, query and body: `@Input() input: InputOf<typeof routes.x>`. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const route = routeOf(context)
  const request = context.switchToHttp().getRequest<GatewayRequest>()
  return {
    params: route.params ? validate(route.params, request.params, 'params') : {},
    query: route.query ? validate(route.query, request.query, 'query') : {},
    body: route.body ? validate(route.body, request.body, 'body') : undefined,
  }
})

/** The access this request is: `@TheAccess() access: Access`. */
export const TheAccess = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<GatewayRequest>().access,
)

/** Aborted when whoever asked hangs up before the answer: what only makes that answer should end. */
export const Gone = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const { raw } = context.switchToHttp().getResponse<FastifyReply>()
  const gone = new AbortController()
  raw.once('close', () => raw.writableFinished || gone.abort())
  return gone.signal
})
