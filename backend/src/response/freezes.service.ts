import { Inject, Injectable } from '@nestjs/common'
import type { Alert, Freeze } from '@custodia/contracts'
import { and, desc, eq, gt, isNull, ne, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import { SessionsService } from '../identity/sessions.service.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, liftRequests } from '../record-store/schema.js'
import { OutboxService } from './outbox.service.js'

type FreezeRow = typeof freezes.$inferSelect

export const asFreeze = (row: FreezeRow, accountName?: string): Freeze => ({
  id: row.id,
  account: row.accountId,
  account_name: accountName,
  reason: row.reason,
  rule: row.rule ?? undefined,
  rule_version: row.ruleVersion ?? undefined,
  alert_id: row.alertId ?? undefined,
  by: row.by,
  set_at: row.setAt.toISOString(),
  until: row.until.toISOString(),
  lifted_at: row.liftedAt?.toISOString(),
  lifted_by: row.liftedBy ?? undefined,
  lift_reason: row.liftReason ?? undefined,
})

const withName = ({ en, zh }: Alert['text'], id: string, name: string): Alert['text'] => ({
  en: en.replaceAll(id, name),
  zh: zh.replaceAll(id, name),
})

export interface FreezeOrder {
  account: string
  reason: string
  until: Date
  by: string
  rule?: string
  ruleVersion?: string
  alertId?: string
  /** the alert's sentence; the account's id in it becomes the person's name */
  text?: Alert['text']
}

/**
 * The state of an account, in PostgreSQL: one freeze at a time. Every method runs in the caller's transaction, which also
 * writes the event; the outbox row in it tells every gateway to cut what is running.
 */
@Injectable()
export class FreezesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly sessions: SessionsService,
    private readonly outbox: OutboxService,
  ) {}

  /** Freezes, or prolongs the freeze in force; undefined when it already reaches further. Ends every session. */
  async freeze(tx: Queries, order: FreezeOrder): Promise<Freeze | undefined> {
    const account = await this.lock(tx, order.account)
    if (account.frozenUntil && account.frozenUntil >= order.until) return undefined
    if (account.role === 'admin' && !(await this.anotherAdmin(tx, account.id)))
      throw new ProblemError('last_administrator')
    if (account.freezeId) await this.close(tx, account.freezeId, order.by, 'replaced by a longer freeze')
    const [row] = await tx
      .insert(freezes)
      .values({
        id: uuidv7(),
        accountId: account.id,
        reason: order.reason,
        rule: order.rule,
        ruleVersion: order.ruleVersion,
        alertId: order.alertId,
        text: order.text && withName(order.text, account.id, account.displayName),
        by: order.by,
        until: order.until,
      })
      .returning()
    if (!row) throw new Error('the freeze was not written')
    await tx.update(accounts).set({ freezeId: row.id, frozenUntil: row.until }).where(eq(accounts.id, account.id))
    await this.sessions.endAll(tx, account.id, 'frozen')
    const freeze = asFreeze(row, account.displayName)
    await this.outbox.putAccount(tx, account.id, { kind: 'frozen', freeze })
    return freeze
  }

  /** Lifts the freeze in force, or `conflict` when there is none. */
  async lift(tx: Queries, accountId: string, by: string, reason: string): Promise<Freeze> {
    const account = await this.lock(tx, accountId)
    if (!account.freezeId) throw new ProblemError('conflict', { detail: 'This account is not frozen.' })
    const row = await this.close(tx, account.freezeId, by, reason)
    await tx.update(accounts).set({ freezeId: null, frozenUntil: null }).where(eq(accounts.id, accountId))
    await tx
      .update(liftRequests)
      .set({ answeredAt: sql`now()` })
      .where(and(eq(liftRequests.freezeId, row.id), isNull(liftRequests.answeredAt)))
    const freeze = asFreeze(row, account.displayName)
    await this.outbox.putAccount(tx, accountId, { kind: 'lifted', freeze })
    return freeze
  }

  async inForce(): Promise<Freeze[]> {
    const rows = await this.store.db
      .select({ freeze: freezes, name: accounts.displayName })
      .from(accounts)
      .innerJoin(freezes, eq(freezes.id, accounts.freezeId))
      .where(gt(accounts.frozenUntil, sql`now()`))
      .orderBy(desc(freezes.setAt))
    return rows.map((row) => asFreeze(row.freeze, row.name))
  }

  async ofAccount(accountId: string): Promise<Freeze[]> {
    const rows = await this.store.db
      .select()
      .from(freezes)
      .where(eq(freezes.accountId, accountId))
      .orderBy(desc(freezes.setAt))
      .limit(100)
    return rows.map((row) => asFreeze(row))
  }

  private async lock(tx: Queries, accountId: string) {
    // All administrators together: of two freezes that race, the second sees the first.
    const rows = await tx
      .select()
      .from(accounts)
      .where(or(eq(accounts.id, accountId), eq(accounts.role, 'admin')))
      .orderBy(accounts.id)
      .for('update')
    const account = rows.find((row) => row.id === accountId)
    if (!account) throw new ProblemError('not_found')
    return account
  }

  private async close(tx: Queries, freezeId: string, by: string, reason: string): Promise<FreezeRow> {
    const [row] = await tx
      .update(freezes)
      .set({ liftedAt: sql`now()`, liftedBy: by, liftReason: reason })
      .where(eq(freezes.id, freezeId))
      .returning()
    if (!row) throw new ProblemError('not_found')
    return row
  }

  private async anotherAdmin(tx: Queries, accountId: string): Promise<boolean> {
    const [other] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(
        and(
          eq(accounts.role, 'admin'),
          eq(accounts.status, 'active'),
          ne(accounts.id, accountId),
          sql`(${accounts.frozenUntil} is null or ${accounts.frozenUntil} <= now())`,
        ),
      )
      .limit(1)
    return other !== undefined
  }
}
