import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../gateway/problem.js'
import { bearerOf, hashOfToken, isToken } from './token-secret.js'

export const sessionCookie = '__Host-custodia'

type Carries = Pick<FastifyRequest, 'cookies' | 'headers'>

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Programs come with a header that no browser sends by itself; cookies and rules about other sites are for browsers. */
export const hasBearer = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean => headers.authorization !== undefined

/** Hash of a session's token in a request's cookie. An API token in a cookie is none. */
export const hashOfCookie = (cookie: string | undefined): Buffer | undefined =>
  cookie && /^[\w-]{43}$/.test(cookie) ? hashOf(cookie) : undefined

/** Hash of what a request shows: an API token in its header, or a session's in its cookie; never both. */
export function credentialOf({ cookies, headers }: Carries): Buffer | undefined {
  if (headers.authorization === undefined) return hashOfCookie(cookies[sessionCookie])
  if (cookies[sessionCookie] !== undefined) throw new ProblemError('token_alone')
  const token = bearerOf(headers.authorization)
  if (!token || !isToken(token)) throw new ProblemError('token_invalid')
  return hashOfToken(token)
}
