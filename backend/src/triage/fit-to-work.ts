import { loudRules } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'
import { mayEver } from '../gateway/policy.js'
import type { Policy } from '../gateway/policy-in-force.js'
import { ProblemError } from '../gateway/problem.js'
import type { SecondPersons } from '../identity/second-persons.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, type alerts } from '../record-store/schema.js'

type Subject = Pick<typeof alerts.$inferSelect, 'actor' | 'rule'>

/** Nobody decides about alerts on themselves, nor on whoever let them in a moment ago; what warns of the system is on both. */
export async function requireUnbiased(
  tx: Queries,
  who: Pick<Caller, 'id'>,
  rows: readonly Subject[],
  seconds: SecondPersons,
): Promise<void> {
  const about = rows.flatMap(({ actor }) => actor ?? [])
  if (about.includes(who.id)) throw new ProblemError('own_account')
  const warns = rows.some(({ rule }) => loudRules.includes(rule))
  await seconds.requireUninvolved(tx, who, warns ? 'everybody' : about)
}

/** Whoever has alerts can work on them. */
export async function requireAnalyst(tx: Queries, id: string, policy: Policy): Promise<void> {
  const [account] = await tx
    .select({ role: accounts.role })
    .from(accounts)
    .where(and(eq(accounts.id, id), eq(accounts.status, 'active')))
  if (account && mayEver({ ...account, policy }, 'alert.triage')) return
  const errors = [{ path: 'body.assignee', message: 'is nobody who may work on alerts' }]
  throw new ProblemError('invalid_input', { errors })
}
