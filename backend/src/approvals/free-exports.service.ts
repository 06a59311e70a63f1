import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, lte, sql, sum } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { lockByName } from '../record-store/lock-by-name.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { freeExports } from '../record-store/schema.js'
import { requireApproval } from './needed.js'
import type { Claim } from './spending.service.js'
import { Turns } from './turns.js'

/**
 * Exports that took no approval, added up over the last 24 hours: five hundred customers and five hundred again are a thousand.
 * Each counts in the very transaction in which it is granted, one after the other for each person, on every gateway.
 */
@Injectable()
export class FreeExports {
  private readonly turns = new Turns()

  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  /** How many customers this person has exported without an approval in the last 24 hours; one in two files counts twice. */
  async sum(account: string, db: Queries = this.store.db): Promise<number> {
    const [row] = await db
      .select({ customers: sum(freeExports.customers).mapWith(Number) })
      .from(freeExports)
      .where(and(eq(freeExports.accountId, account), gt(freeExports.at, dayAgo)))
    return row?.customers ?? 0
  }

  /** Throws `approval_required` when the sum passes what the policy lets go; what is refused or rolled back has not counted. */
  async count(access: Access, claim: Claim, hold: (tx: Queries) => Promise<void>): Promise<void> {
    await this.turns.take(access.who.id, () => this.countNow(access, claim, hold))
  }

  private async countNow(access: Access, claim: Claim, hold: (tx: Queries) => Promise<void>): Promise<void> {
    const { id: accountId } = access.who
    const mine = eq(freeExports.accountId, accountId)
    try {
      await this.store.db.transaction(async (tx) => {
        await lockByName(tx, `export ${accountId}`)
        requireApproval(access.who, claim, undefined, await this.sum(accountId, tx))
        await hold(tx)
        await tx.delete(freeExports).where(and(mine, lte(freeExports.at, dayAgo)))
        const eventId = access.event?.id ?? ''
        await tx.insert(freeExports).values({ eventId, accountId, customers: claim.customers.length, at: clock })
      })
    } catch (error) {
      await access.takeBack()
      throw error
    }
  }
}

/** Not the beginning of the transaction, which may have waited for another one. */
const clock = sql`clock_timestamp()`
const dayAgo = sql`${clock} - interval '24 hours'`
