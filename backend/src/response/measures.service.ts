import { Injectable } from '@nestjs/common'
import type { Alert, Measure, MeasureKind } from '@custodia/contracts'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Queries } from '../record-store/record-store.js'
import { accounts, measures } from '../record-store/schema.js'
import { lockAccount } from './account-lock.js'
import { endsOf, measuresInForce } from './account-state.js'
import { OutboxService } from './outbox.service.js'

type MeasureRow = typeof measures.$inferSelect

/**
 * What alerts put on an account below a freeze. The rows are what was asked for; the account carries what follows from
 * them, so that the door knows it with the session. In the caller's transaction, which also writes the event.
 */
@Injectable()
export class MeasuresService {
  constructor(private readonly outbox: OutboxService) {}

  /** Once for each alert and kind; undefined when it was there before, or its time is over. */
  async byAlert(
    tx: Queries,
    alert: Alert,
    accountId: string,
    kind: MeasureKind,
    seconds: number,
  ): Promise<Measure | undefined> {
    await lockAccount(tx, accountId)
    const firedAt = new Date(alert.time)
    const added = await tx
      .insert(measures)
      .values({
        alertId: alert.id,
        kind,
        accountId,
        action: kind === 'block' ? alert.action : undefined,
        rule: alert.rule,
        ruleVersion: alert.rule_version,
        reason: alert.title,
        firedAt,
        seconds,
        until: firedAt,
      })
      .onConflictDoNothing()
      .returning({ alertId: measures.alertId })
    if (!added.length) return undefined
    const inForce = await this.settle(tx, accountId)
    return inForce.find((measure) => measure.kind === kind && (kind !== 'block' || measure.action === alert.action))
  }

  /** A person ends everything that is on an account; returns how many there were. */
  async endAll(tx: Queries, accountId: string, by: string): Promise<number> {
    const ended = await tx
      .update(measures)
      .set({ endedAt: sql`now()`, endedBy: by })
      .where(and(eq(measures.accountId, accountId), isNull(measures.endedAt)))
      .returning({ kind: measures.kind })
    if (ended.length) await this.settle(tx, accountId)
    return ended.length
  }

  /** Ends what is over; returns it, with its account. */
  async endOver(tx: Queries): Promise<Pick<MeasureRow, 'accountId' | 'kind' | 'alertId' | 'rule'>[]> {
    const over = await tx
      .update(measures)
      .set({ endedAt: sql`now()`, endedBy: 'system' })
      .where(and(isNull(measures.endedAt), sql`${measures.until} <= now()`))
      .returning()
    for (const id of [...new Set(over.map(({ accountId }) => accountId))].sort()) {
      await lockAccount(tx, id)
      await this.settle(tx, id)
    }
    return over
  }

  /** Makes the account say what its rows say. */
  private async settle(tx: Queries, accountId: string): Promise<Measure[]> {
    const rows = await tx.select().from(measures).where(eq(measures.accountId, accountId))
    const open: MeasureRow[] = []
    for (const [, same] of Map.groupBy(rows, ({ kind, action }) => `${kind} ${action ?? ''}`))
      open.push(...(await this.lengthen(tx, same)))
    const inForce = measuresInForce(
      open.map((row) => ({ key: row.alertId, until: row.until, measure: asMeasure(row) })),
      new Date(),
    )
    await tx.update(accounts).set({ measures: inForce }).where(eq(accounts.id, accountId))
    const at = new Date().toISOString()
    await this.outbox.putAccount(tx, accountId, { kind: 'measured', account: accountId, measures: inForce, at })
    return inForce
  }

  /** Moves ends to where repetition puts them; returns what is open. */
  private async lengthen(tx: Queries, rows: MeasureRow[]): Promise<MeasureRow[]> {
    const ends = endsOf(
      rows.map(({ alertId: id, endedBy, ...row }) => ({ ...row, id, undone: !!endedBy && endedBy !== 'system' })),
    )
    const open = rows
      .filter(({ endedAt }) => !endedAt)
      .map((row) => ({ ...row, until: ends.get(row.alertId) ?? row.until }))
    for (const { alertId, kind, until } of open)
      await tx
        .update(measures)
        .set({ until })
        .where(and(eq(measures.alertId, alertId), eq(measures.kind, kind)))
    return open
  }
}

const asMeasure = ({ kind, action, rule, ruleVersion, alertId, reason }: MeasureRow): Omit<Measure, 'until'> => ({
  kind,
  action: action ?? undefined,
  rule,
  rule_version: ruleVersion,
  alert_id: alertId,
  reason,
})
