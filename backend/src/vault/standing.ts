import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent } from '@custodia/contracts'
import { and, eq, gt, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { AccessFacts } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { FrozenService } from '../identity/frozen.service.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes } from '../record-store/schema.js'

/** Whether a caller may still go on, asked of PostgreSQL at this moment: the door's answer may be older than a freeze. */
@Injectable()
export class Standing {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly frozen: FrozenService,
  ) {}

  /** Throws `account_frozen`, telling why, or `not_signed_in`. */
  async require(who: Caller, db: Queries = this.store.db): Promise<void> {
    const [row] = await db
      .select({ allowed: sql<boolean>`${stillAllowed(who)}`, freeze: freezes })
      .from(accounts)
      .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)))
      .where(eq(accounts.id, who.id))
    if (row?.freeze) throw this.frozen.problem(row.freeze)
    if (!row?.allowed) throw new ProblemError('not_signed_in')
  }

  /** A statement that also checks the session gave no row: says which of the two it was. */
  async explainNoRow(who: Caller, db?: Queries): Promise<never> {
    await this.require(who, db)
    throw new ProblemError('not_found')
  }

  /** A held access, allowed and with nothing left but to send: a freeze may have been committed while its verdict was awaited. */
  async hold(access: Access, facts: AccessFacts, parts?: (header: AccessEvent) => AccessEvent[]): Promise<void> {
    await access.hold(facts, parts)
    await this.require(access.who)
  }
}
