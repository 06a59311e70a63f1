import { eq, or } from 'drizzle-orm'
import { ProblemError } from '../gateway/problem.js'
import type { Account } from '../identity/account.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'

export async function findAccount(tx: Queries, id: string): Promise<Account | undefined> {
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, id))
  return account
}

/** The account, held until the transaction ends. All administrators together: of two freezes that race, the second sees the first. */
export async function lockAccount(tx: Queries, id: string): Promise<Account> {
  const rows = await tx
    .select()
    .from(accounts)
    .where(or(eq(accounts.id, id), eq(accounts.role, 'admin')))
    .orderBy(accounts.id)
    .for('update')
  const account = rows.find((row) => row.id === id)
  if (!account) throw new ProblemError('not_found')
  return account
}
