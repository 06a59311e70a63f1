import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent } from '@custodia/contracts'
import { and, eq, gt, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { AccessFacts } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { FrozenService } from '../identity/frozen.service.js'
import { callerPlaces, placesOf, stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, sessions } from '../record-store/schema.js'

const standingOf = (db: Queries) =>
  db
    .select({
      allowed: sql<boolean>`${stillAllowed(callerPlaces)}`,
      inForceBefore: sql<boolean>`${accounts.status} = 'active' and coalesce(${sessions.endReason}, 'frozen') = 'frozen'`,
      cause: accounts.freezeCause,
      freeze: freezes,
    })
    .from(accounts)
    .innerJoin(sessions, and(eq(sessions.accountId, accounts.id), eq(sessions.id, callerPlaces.session)))
    .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)))
    .where(eq(accounts.id, callerPlaces.id))
    .prepare('standing')

/** Whether a caller may still go on, asked of PostgreSQL at this moment: the door's answer may be older than a freeze. */
@Injectable()
export class Standing {
  private readonly prepared: ReturnType<typeof standingOf>

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly frozen: FrozenService,
  ) {
    this.prepared = standingOf(store.db)
  }

  /** Throws `account_frozen`, telling why, or `not_signed_in`. */
  async require(who: Caller, db: Queries = this.store.db): Promise<void> {
    this.judge(await this.ask(who, db))
  }

  /** A statement that also checks the session gave no row: says which of the two it was. */
  async explainNoRow(who: Caller, db?: Queries): Promise<never> {
    await this.require(who, db)
    throw new ProblemError('not_found')
  }

  /**
   * A held access, allowed and with nothing left but to send. A freeze may have been committed while its verdict was awaited:
   * one whose cause comes after this access leaves it to its owner, everything else takes it back.
   */
  async hold(
    access: Access,
    facts: AccessFacts,
    parts?: (header: AccessEvent) => AccessEvent[],
    db: Queries = this.store.db,
  ): Promise<void> {
    await access.hold(facts, parts)
    try {
      const row = await this.ask(access.who, db)
      // Its session must have ended by that freeze and not by itself.
      const due = row?.freeze && row.inForceBefore && access.isDue(row.cause)
      if (!due) this.judge(row)
    } catch (error) {
      await access.takeBack()
      throw error
    }
  }

  private judge(row: Awaited<ReturnType<Standing['ask']>>): void {
    if (row?.freeze) throw this.frozen.problem(row.freeze)
    if (!row?.allowed) throw new ProblemError('not_signed_in')
  }

  private async ask(who: Caller, db: Queries) {
    const statement = db === this.store.db ? this.prepared : standingOf(db)
    const [row] = await statement.execute(placesOf(who))
    return row
  }
}
