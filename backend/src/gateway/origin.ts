import type { FastifyReply, FastifyRequest } from 'fastify'
import { deviceCookie, deviceCookieOptions, type DeviceCookie } from '../identity/device-cookie.js'
import { hasBearer } from '../identity/credential.js'
import type { Origin } from './caller.js'

/** A version that is known, ids that are not all zeros; anything else is nobody's trace. */
const traceOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(header)
    ? header
    : undefined

/** Where the request comes from. A browser that has no device cookie of ours yet gets one with this answer; a program gets none. */
export function originOf(request: FastifyRequest, reply: FastifyReply, devices: DeviceCookie): Origin {
  const isProgram = hasBearer(request)
  let device = isProgram ? undefined : devices.deviceOf(request.cookies[deviceCookie])
  if (!device && !isProgram) {
    const cookie = devices.make()
    device = devices.deviceOf(cookie)
    void reply.setCookie(deviceCookie, cookie, deviceCookieOptions)
  }
  return {
    ip: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 300),
    device,
    requestId: request.id,
    traceparent: traceOf(request.headers.traceparent),
  }
}
