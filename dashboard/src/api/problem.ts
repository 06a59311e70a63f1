import type { Problem, ProblemCode } from '@custodia/contracts'

/**
 * Codes of the server, and our own: nothing answered, something that is not ours did, the passkey prompt was closed, or the
 * OpenID provider sent somebody back without letting them in, because it was refused there or could not be done.
 */
export type AnyProblemCode =
  ProblemCode | 'unreachable' | 'unknown' | 'passkey_cancelled' | 'provider_refused' | 'provider_failed'

type ProblemBody = Partial<Pick<Problem, 'title' | 'detail' | 'request_id' | 'errors'>> & { code: AnyProblemCode }

const known = new Set(['type', 'title', 'status', 'detail', 'code', 'request_id', 'errors'])

/** An RFC 9457 answer as an exception. `extras` holds the members that a code adds, e.g. FrozenDetail. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: AnyProblemCode
  readonly title: string
  readonly detail: string
  readonly requestId: string | undefined
  readonly errors: { path: string; message: string }[]
  readonly extras: Record<string, unknown>

  constructor(status: number, body: ProblemBody) {
    super(body.detail ?? body.title ?? body.code)
    this.name = 'ApiProblem'
    this.status = status
    this.code = body.code
    this.title = body.title ?? body.code
    this.detail = body.detail ?? ''
    this.requestId = body.request_id
    this.errors = body.errors ?? []
    this.extras = Object.fromEntries(Object.entries(body).filter(([key]) => !known.has(key)))
  }
}

/** Reads whatever an error answer carries; a proxy's HTML page becomes `unknown`. */
export const problemFrom = (status: number, text: string): ApiProblem => {
  try {
    const body = JSON.parse(text) as Partial<Problem>
    if (typeof body.code === 'string') return new ApiProblem(status, { ...body, code: body.code })
  } catch {
    // not JSON: falls through to `unknown`
  }
  return new ApiProblem(status, { code: 'unknown', title: `HTTP ${status}` })
}

export const unreachable = (): ApiProblem => new ApiProblem(0, { code: 'unreachable' })

/** Anything thrown, as a problem that a page can show. */
export const asProblem = (error: unknown): ApiProblem =>
  error instanceof ApiProblem
    ? error
    : new ApiProblem(0, { code: 'unknown', detail: error instanceof Error ? error.message : String(error) })
