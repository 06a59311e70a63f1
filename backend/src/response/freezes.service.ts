import { Inject, Injectable } from '@nestjs/common'
import type { Alert, Freeze } from '@custodia/contracts'
import { desc, eq, gt, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import type { Account } from '../identity/account.js'
import { Administrators } from '../identity/administrators.js'
import { endSessionsOf } from '../identity/session-ends.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes } from '../record-store/schema.js'
import { findAccount, lockAccount } from './account-lock.js'
import { endsOf, freezeInForce } from './account-state.js'
import { asFreeze, needsTwo, withName, type FreezeRow } from './freeze-row.js'
import { liftFreeze, notFrozen } from './lift-freeze.js'
import { OutboxService } from './outbox.service.js'

/** A person freezes until a moment, and at once. */
export interface FreezeByHand {
  account: string
  reason: string
  by: string
  until: Date
}

/**
 * The freeze of an account, in PostgreSQL: what is in force follows from the rows that are open, whatever order they came
 * in. Every method runs in the caller's transaction, which also writes the event; the outbox row in it tells every gateway
 * to cut what is running.
 */
@Injectable()
export class FreezesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly outbox: OutboxService,
    private readonly administrators: Administrators,
  ) {}

  /** Freezes, or prolongs the freeze in force; undefined when it already reaches further. Ends every session. */
  async byHand(tx: Queries, order: FreezeByHand): Promise<Freeze | undefined> {
    const account = await lockAccount(tx, order.account)
    if (account.frozenUntil && account.frozenUntil >= order.until) return undefined
    await this.administrators.requireAnother(tx, account)
    const { reason, by, until } = order
    await tx.insert(freezes).values({ id: uuidv7(), accountId: account.id, reason, by, until })
    return this.settle(tx, account.id)
  }

  /** Freezes as an alert asks: once for each alert. Undefined when this alert was there before, or its time is over. */
  async byAlert(tx: Queries, alert: Alert, accountId: string, seconds: number): Promise<Freeze | undefined> {
    const account = await lockAccount(tx, accountId)
    await this.administrators.requireAnother(tx, account)
    const firedAt = new Date(alert.time)
    const added = await tx
      .insert(freezes)
      .values({
        id: uuidv7(),
        accountId,
        reason: alert.title,
        rule: alert.rule,
        ruleVersion: alert.rule_version,
        alertId: alert.id,
        severity: alert.severity,
        text: withName(alert.text, account.id, account.displayName),
        by: 'system',
        cause: alert.event_at,
        firedAt,
        seconds,
        until: firedAt,
      })
      .onConflictDoNothing()
      .returning({ id: freezes.id })
    return added.length ? this.settle(tx, accountId) : undefined
  }

  /** The first of two persons: nothing is lifted yet. `seen`: the freeze that they looked at. */
  async askToLift(tx: Queries, accountId: string, by: string, reason: string, seen?: string): Promise<Freeze> {
    const account = await lockAccount(tx, accountId)
    const freeze = await this.current(tx, account, seen)
    if (!needsTwo(freeze)) throw new ProblemError('conflict', { detail: 'One person is enough to lift this freeze.' })
    if (freeze.liftAskedBy === by) throw new ProblemError('second_person_required')
    if (freeze.liftAskedBy) throw new ProblemError('conflict', { detail: 'A colleague has asked already: lift it.' })
    const [row] = await tx
      .update(freezes)
      .set({ liftAskedBy: by, liftAskedAt: sql`now()`, liftAskedReason: reason })
      .where(eq(freezes.id, freeze.id))
      .returning()
    if (!row) throw new ProblemError('not_found')
    const colleague = await findAccount(tx, by)
    const asked = { ...asFreeze(row, account), lift_asked_by_name: colleague?.displayName }
    await this.outbox.putAccount(tx, accountId, { kind: 'lift_asked', freeze: asked })
    return asked
  }

  /** A person lifts; where two are needed, as the second of them. */
  async liftByHand(tx: Queries, accountId: string, by: string, reason: string, seen?: string): Promise<Freeze> {
    const freeze = await this.current(tx, await lockAccount(tx, accountId), seen)
    if (needsTwo(freeze) && (!freeze.liftAskedBy || freeze.liftAskedBy === by))
      throw new ProblemError('second_person_required')
    return this.lift(tx, accountId, by, reason)
  }

  async lift(tx: Queries, accountId: string, by: string, reason: string): Promise<Freeze> {
    return liftFreeze(tx, accountId, by, reason)
  }

  private async current(tx: Queries, { freezeId }: Account, seen = freezeId): Promise<FreezeRow> {
    const [row] = freezeId ? await tx.select().from(freezes).where(eq(freezes.id, freezeId)) : []
    if (!row) throw notFrozen()
    if (row.id !== seen) throw new ProblemError('freeze_changed')
    return row
  }

  async inForce(): Promise<Freeze[]> {
    const rows = await this.store.db
      .select({ freeze: freezes, account: { displayName: accounts.displayName, drill: accounts.drill } })
      .from(accounts)
      .innerJoin(freezes, eq(freezes.id, accounts.freezeId))
      .where(gt(accounts.frozenUntil, sql`now()`))
      .orderBy(desc(freezes.setAt))
    return rows.map(({ freeze, account }) => asFreeze(freeze, account))
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

  /** Makes the account say what its rows say; undefined when none of them is in force. */
  private async settle(tx: Queries, accountId: string): Promise<Freeze | undefined> {
    const rows = await tx.select().from(freezes).where(eq(freezes.accountId, accountId))
    const open = await this.lengthen(tx, rows)
    const asked = open.map((row) => ({ ...row, key: row.alertId ?? row.id }))
    const state = freezeInForce(asked, new Date())
    const longest = open.find(({ id }) => id === state?.id)
    if (!state || !longest) return undefined
    const row = open.some(needsTwo) ? await this.forTwo(tx, longest) : longest
    const [account] = await tx
      .update(accounts)
      .set({ freezeId: state.id, frozenUntil: state.until, freezeCause: state.cause })
      .where(eq(accounts.id, accountId))
      .returning()
    await endSessionsOf(tx, accountId, 'frozen')
    const freeze = { ...asFreeze(row, account), cause: state.cause ?? undefined }
    await this.outbox.putAccount(tx, accountId, { kind: 'frozen', freeze })
    return freeze
  }

  /** Of several freezes the one in force stands for all of them, also for those that nobody lifts alone. */
  private async forTwo(tx: Queries, row: FreezeRow): Promise<FreezeRow> {
    if (!row.twoPersons) await tx.update(freezes).set({ twoPersons: true }).where(eq(freezes.id, row.id))
    return { ...row, twoPersons: true }
  }

  /** Moves the end of what rules asked for to where repetition puts it; returns what is open. */
  private async lengthen(tx: Queries, rows: FreezeRow[]): Promise<FreezeRow[]> {
    const ends = endsOf(
      rows.flatMap(({ alertId: id, rule, firedAt, seconds, liftedBy }) =>
        id && rule && firedAt && seconds
          ? [{ id, rule, firedAt, seconds, undone: !!liftedBy && liftedBy !== 'system' }]
          : [],
      ),
    )
    const open = rows.filter(({ liftedAt }) => !liftedAt)
    return Promise.all(
      open.map(async (row) => {
        const until = (row.alertId && ends.get(row.alertId)) || row.until
        if (+until !== +row.until) await tx.update(freezes).set({ until }).where(eq(freezes.id, row.id))
        return { ...row, until }
      }),
    )
  }
}
