import type { ProblemError } from './problem.js'

export const scimType = 'application/scim+json'
export const isScim = (url: string): boolean => url.startsWith('/api/v1/scim/')

const typeOf = ({ code, extra }: ProblemError): string | undefined => {
  if (typeof extra['scim_type'] === 'string') return extra['scim_type']
  if (code === 'conflict') return 'uniqueness'
  if (code === 'malformed_body') return 'invalidSyntax'
  return code === 'invalid_input' ? 'invalidValue' : undefined
}

/** RFC 7644, 3.12: what SCIM clients read. */
export const asScimError = (problem: ProblemError) => {
  const { detail, errors } = problem.toProblem('')
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(problem.status),
    scimType: typeOf(problem),
    detail: errors ? errors.map(({ path, message }) => `${path}: ${message}`).join('; ') : detail,
  }
}
