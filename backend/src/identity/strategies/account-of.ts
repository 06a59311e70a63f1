import { eq } from 'drizzle-orm'
import type { Caller } from '../../gateway/caller.js'
import { ProblemError } from '../../gateway/problem.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import type { Account } from '../account.js'

/** The account behind a session that has passed the door. */
export async function accountOf(store: RecordStore, caller: Pick<Caller, 'id'>): Promise<Account> {
  const [account] = await store.db.select().from(accounts).where(eq(accounts.id, caller.id))
  if (!account) throw new ProblemError('not_signed_in')
  return account
}
