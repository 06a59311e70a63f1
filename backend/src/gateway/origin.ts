import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Origin } from './caller.js'

/** Cookie that tells one browser from another for as long as it keeps it; not a secret, proves nothing. */
const deviceCookie = '__Host-custodia-device'
const tenYears = 10 * 365 * 86_400

/** A version that is known, ids that are not all zeros; anything else is nobody's trace. */
const traceOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(header)
    ? header
    : undefined

/** Where the request comes from. A browser that has no device id yet gets one with this answer. */
export function originOf(request: FastifyRequest, reply: FastifyReply): Origin {
  let device = request.cookies[deviceCookie]
  if (!device || !/^[\w-]{22}$/.test(device)) {
    device = randomBytes(16).toString('base64url')
    void reply.setCookie(deviceCookie, device, {
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'strict',
      maxAge: tenYears,
    })
  }
  return {
    ip: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 300),
    device: createHash('sha256').update(device).digest('hex').slice(0, 16),
    requestId: request.id,
    traceparent: traceOf(request.headers.traceparent),
  }
}
