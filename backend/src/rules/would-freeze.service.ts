import { Inject, Injectable } from '@nestjs/common'
import type { ReplyOf, routes } from '@custodia/contracts'
import { and, desc, eq, gt, isNotNull, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, alerts } from '../record-store/schema.js'

const shown = 100

/** What a rule in shadow would have done, so that somebody can look at it before it does. */
@Injectable()
export class WouldFreezeService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async of(rule: string): Promise<ReplyOf<typeof routes.ruleWouldFreeze>> {
    const shadow = sql`${alerts.alert}->>'mode' = 'shadow'`
    const freezes = sql`${alerts.alert}->'respond' @> '[{"do": "freeze"}]'`
    const recent = gt(alerts.time, sql`now() - interval '30 days'`)
    const rows = await this.store.db
      .select({
        account: sql<string>`${alerts.actor}`,
        account_name: accounts.displayName,
        times: sql<number>`count(*)::int`,
        last: sql<string>`max(${alerts.time})`,
        alert_id: sql<string>`(array_agg(${alerts.id} order by ${alerts.time} desc))[1]`,
      })
      .from(alerts)
      .leftJoin(accounts, eq(accounts.id, alerts.actor))
      .where(and(eq(alerts.rule, rule), eq(alerts.drill, false), isNotNull(alerts.actor), shadow, freezes, recent))
      .groupBy(alerts.actor, accounts.displayName)
      .orderBy(desc(sql`max(${alerts.time})`))
      .limit(shown)
    return {
      items: rows.map(({ last, account_name, ...row }) => ({
        ...row,
        account_name: account_name ?? undefined,
        last: new Date(last).toISOString(),
      })),
    }
  }
}
