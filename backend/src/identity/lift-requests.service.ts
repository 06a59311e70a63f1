import { Inject, Injectable } from '@nestjs/common'
import type { AccountRecord } from '@custodia/contracts'
import { and, count, eq, gt, isNull, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, liftRequests, outbox } from '../record-store/schema.js'
import { actorFacts } from './account.js'
import { FrozenService } from './frozen.service.js'

/** Enough to say it again; more would bury the desk. */
const mostPerFreeze = 5

/** A frozen person's way to the security desk: the ticket they got with the refusal, and a sentence. */
@Injectable()
export class LiftRequestsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly frozen: FrozenService,
  ) {}

  async ask(access: Access, { ticket, message }: { ticket: string; message: string }): Promise<void> {
    const freezeId = this.frozen.freezeOf(ticket)
    await this.store.serialisable(async (tx) => {
      const [row] = await tx
        .select({ account: accounts })
        .from(freezes)
        .innerJoin(accounts, eq(accounts.id, freezes.accountId))
        .where(and(eq(freezes.id, freezeId), isNull(freezes.liftedAt), gt(freezes.until, sql`now()`)))
        .for('update')
      if (!row) throw new ProblemError('conflict', { detail: 'This freeze has ended. Sign in again.' })
      const { account } = row
      access.about({ ...actorFacts(account), subject: account.id })
      const [asked] = await tx.select({ n: count() }).from(liftRequests).where(eq(liftRequests.freezeId, freezeId))
      if ((asked?.n ?? 0) >= mostPerFreeze) throw new ProblemError('too_many_attempts')
      const id = uuidv7()
      await tx.insert(liftRequests).values({ id, freezeId, accountId: account.id, message })
      const at = new Date().toISOString()
      const value: AccountRecord = {
        kind: 'lift_requested',
        account: account.id,
        account_name: account.displayName,
        message,
        at,
      }
      await tx.insert(outbox).values({ topic: 'accounts', key: account.id, value })
      await access.grant({ record_id: id })
    }, access)
  }
}
