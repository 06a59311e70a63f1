import type { FastifyInstance } from 'fastify'
import { ProblemError } from './problem.js'

/** Nothing that is asked of us is half as deep. */
const deepest = 32

/**
 * What is nested deeper than anything we ask for is refused before anybody reads it: a megabyte holds half a million brackets,
 * and whatever walks a body by calling itself (schemas, serialisers, libraries) would run out of stack.
 */
export function refuseDeepBodies(http: FastifyInstance): void {
  http.addHook('preValidation', (request, _reply, done) => {
    done(isDeeper(request.body, deepest) ? new ProblemError('malformed_body') : undefined)
  })
}

/** Only what came as JSON: streams and files are no bodies of that kind. */
const isNested = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)

const isDeeper = (value: unknown, left: number): boolean =>
  isNested(value) && (left === 0 || Object.values(value).some((inner) => isDeeper(inner, left - 1)))
