import { problems, type Problem, type ProblemCode } from '@custodia/contracts'

/** The one way to say no: a code of the table, with what this case adds. */
export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly extra: {
      detail?: string
      errors?: Problem['errors']
      headers?: Record<string, string>
      [member: string]: unknown
    } = {},
    options?: ErrorOptions,
  ) {
    super(code, options)
    this.name = 'ProblemError'
  }

  get status(): number {
    return problems[this.code].status
  }

  toProblem(requestId: string): Problem {
    const { detail, errors, ...members } = this.extra
    delete members.headers // they go beside the body, not into it
    const { status, say } = problems[this.code]
    return {
      type: `urn:custodia:problem:${this.code}`,
      title: say,
      status,
      detail: detail ?? say,
      code: this.code,
      request_id: requestId,
      ...(errors ? { errors } : {}),
      ...members,
    }
  }
}
