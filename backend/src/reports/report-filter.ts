import type { QueryOf, routes } from '@custodia/contracts'
import { ProblemError } from '../gateway/problem.js'
import type { ReportFilter } from './report.service.js'

const longestDays = 400

/** The period and filters of a request; a period must go forward and fit into what is kept. */
export function filterOf({ kind, from, to, person, customer }: QueryOf<typeof routes.report>): ReportFilter {
  const filter = { kind, from: new Date(from), to: new Date(to), person, customer }
  const days = (filter.to.getTime() - filter.from.getTime()) / 86_400_000
  if (days <= 0)
    throw new ProblemError('invalid_input', { errors: [{ path: 'query.to', message: 'must be after `from`' }] })
  if (days > longestDays)
    throw new ProblemError('invalid_input', {
      errors: [{ path: 'query.to', message: `a report covers at most ${longestDays} days` }],
    })
  return filter
}
