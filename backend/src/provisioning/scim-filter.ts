import { and, eq, type SQL } from 'drizzle-orm'
import { ProblemError } from '../gateway/problem.js'
import { hasSignInName } from '../identity/account.js'
import { accounts } from '../record-store/schema.js'

const comparison = /^\s*([A-Za-z.:0-9]+)\s+eq\s+("(?:[^"\\]|\\["\\/])*"|true|false)\s*$/i

/** What is asked for in fact: attributes compared for equality, one or several with `and` between them. Never more than asked for. */
export function conditionOf(filter: string | undefined): SQL | undefined {
  if (filter === undefined) return undefined
  return and(...splitAtAnd(filter).map(readOne))
}

function readOne(text: string): SQL {
  const [, attribute = '', literal = ''] = comparison.exec(text) ?? []
  const value: unknown = literal ? JSON.parse(literal.startsWith('"') ? literal : literal.toLowerCase()) : undefined
  switch (attribute.toLowerCase()) {
    case 'username':
      if (typeof value === 'string') return hasSignInName(value)
      break
    case 'externalid':
      if (typeof value === 'string') return eq(accounts.externalId, value)
      break
    case 'id':
      if (typeof value === 'string') return eq(accounts.id, value)
      break
    case 'active':
      if (typeof value === 'boolean') return eq(accounts.status, value ? 'active' : 'disabled')
  }
  throw new ProblemError('invalid_input', {
    scim_type: 'invalidFilter',
    detail: 'Filter by userName, externalId, id or active with eq, joined by and.',
  })
}

/** At every `and` outside quotes. */
function splitAtAnd(filter: string): string[] {
  const parts = filter.split(/\s+and\s+(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/i)
  return parts.length ? parts : [filter]
}
