import { Inject, Injectable } from '@nestjs/common'
import type { Alert } from '@custodia/contracts'
import { and, count, countDistinct, eq, gt, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Account } from '../identity/account.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, guardTrips } from '../record-store/schema.js'
import { OutboxService } from './outbox.service.js'
import { systemAlert } from './system-alert.js'

/** How long a rule that froze too many only alerts. */
const tripMinutes = 60
/** So many frozen at once are never too many: in a small house one person is a large share. */
const alwaysAllowed = 3

export type Trip = typeof guardTrips.$inferSelect

/**
 * Automation must not hurt the business: caps on what rules freeze by themselves, for each rule and hour and for the house
 * as a whole. A rule that would pass one falls back to alerts for a time, and that is an alert itself. Holding goes on: the
 * accesses beyond a limit are refused all the same.
 */
@Injectable()
export class Guard {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly outbox: OutboxService,
  ) {}

  /** Whether this alert may do more than alert. */
  async lets(tx: Queries, alert: Alert, account: Account): Promise<boolean> {
    if (account.breakGlass) {
      await this.beLoud(tx, alert, account)
      return false
    }
    if (await this.tripOf(tx, alert.rule)) return false
    // A drill is to show what would happen to an insider, not to use up what is kept for one.
    if (account.drill) return true
    const frozen = account.frozenUntil && account.frozenUntil > new Date()
    if (frozen || !alert.respond.some((step) => step.do === 'freeze')) return true
    const reason = (await this.tooManyOf(tx, alert.rule)) ?? (await this.tooManyOfAll(tx))
    if (reason) await this.trip(tx, alert, reason)
    return !reason
  }

  /** Rules that only alert for now. */
  async trips(): Promise<Trip[]> {
    return this.store.db
      .select()
      .from(guardTrips)
      .where(gt(guardTrips.until, sql`now()`))
  }

  private async tripOf(tx: Queries, rule: string): Promise<Trip | undefined> {
    const [trip] = await tx
      .select()
      .from(guardTrips)
      .where(and(eq(guardTrips.rule, rule), gt(guardTrips.until, sql`now()`)))
    return trip
  }

  private async tooManyOf(tx: Queries, rule: string): Promise<string | undefined> {
    const cap = this.config.freezes.perRuleAndHour
    const [row] = await tx
      .select({ n: countDistinct(freezes.accountId) })
      .from(freezes)
      .innerJoin(accounts, and(eq(accounts.id, freezes.accountId), eq(accounts.drill, false)))
      .where(and(eq(freezes.rule, rule), gt(freezes.setAt, sql`now() - interval '1 hour'`)))
    return (row?.n ?? 0) >= cap ? `${cap} accounts in an hour` : undefined
  }

  private async tooManyOfAll(tx: Queries): Promise<string | undefined> {
    const { share } = this.config.freezes
    const isReal = eq(accounts.drill, false)
    const isActive = and(eq(accounts.status, 'active'), isReal)
    const [staff] = await tx.select({ n: count() }).from(accounts).where(isActive)
    const [frozen] = await tx
      .select({ n: count() })
      .from(accounts)
      .innerJoin(freezes, and(eq(freezes.id, accounts.freezeId), eq(freezes.by, 'system')))
      .where(and(gt(accounts.frozenUntil, sql`now()`), isReal))
    const cap = Math.max(alwaysAllowed, Math.floor((staff?.n ?? 0) * share))
    return (frozen?.n ?? 0) >= cap ? `${cap} accounts at once` : undefined
  }

  private async trip(tx: Queries, alert: Alert, reason: string): Promise<void> {
    const at = new Date()
    const until = new Date(+at + tripMinutes * 60_000)
    const raised = systemAlert({
      rule: 'freeze-guard',
      title: 'A rule froze too many accounts',
      text: {
        en: `Rule ${alert.rule} has frozen ${reason}. It only alerts for the next ${tripMinutes} minutes: look at its alerts yourselves.`,
        zh: `规则 ${alert.rule} 的自动冻结已达上限（${reason}）。接下来 ${tripMinutes} 分钟它只报警：请人工处理其警报。`,
      },
      eventId: alert.id,
      at,
    })
    const row = { rule: alert.rule, alertId: raised.id, reason, trippedAt: at, until }
    await tx.insert(guardTrips).values(row).onConflictDoUpdate({ target: guardTrips.rule, set: row })
    await this.outbox.putAlert(tx, { kind: 'raised', alert: raised })
  }

  private async beLoud(tx: Queries, alert: Alert, account: Account): Promise<void> {
    const raised = systemAlert({
      rule: 'break-glass',
      title: 'A sealed account set off a rule',
      text: {
        en: `The sealed account ${account.displayName} set off rule ${alert.rule} and goes on working, as it was made to. Find out at once who uses it.`,
        zh: `应急账号 ${account.displayName} 触发了规则 ${alert.rule}，按设计未被限制。请立即查明是谁在使用。`,
      },
      eventId: alert.id,
      actor: account.id,
      at: new Date(),
    })
    await this.outbox.putAlert(tx, { kind: 'raised', alert: raised })
  }
}
