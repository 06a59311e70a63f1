import type { Alert, Freeze } from '@custodia/contracts'
import { Severity } from '@custodia/contracts'
import type { Account } from '../identity/account.js'
import type { freezes } from '../record-store/schema.js'

export type FreezeRow = typeof freezes.$inferSelect

/** `account`: of whom it is, where that is known. */
export const asFreeze = (row: FreezeRow, account?: Pick<Account, 'displayName' | 'drill'>): Freeze => ({
  id: row.id,
  account: row.accountId,
  account_name: account?.displayName,
  drill: account?.drill || undefined,
  reason: row.reason,
  rule: row.rule ?? undefined,
  rule_version: row.ruleVersion ?? undefined,
  alert_id: row.alertId ?? undefined,
  severity: Severity.safeParse(row.severity).data,
  cause: row.cause ?? undefined,
  by: row.by,
  two_persons: needsTwo(row) || undefined,
  set_at: row.setAt.toISOString(),
  until: row.until.toISOString(),
  lifted_at: row.liftedAt?.toISOString(),
  lifted_by: row.liftedBy ?? undefined,
  lift_reason: row.liftReason ?? undefined,
  lift_asked_by: row.liftAskedBy ?? undefined,
  lift_asked_at: row.liftAskedAt?.toISOString(),
  lift_asked_reason: row.liftAskedReason ?? undefined,
})

/** What a rule of high severity froze by itself, nobody lifts alone, whatever was put over it. */
export const needsTwo = ({ by, severity, twoPersons }: FreezeRow): boolean =>
  twoPersons || (by === 'system' && (severity === 'high' || severity === 'critical'))

/** The account's id in an alert's sentence becomes the person's name. */
export const withName = ({ en, zh }: Alert['text'], id: string, name: string): Alert['text'] => ({
  en: en.replaceAll(id, name),
  zh: zh.replaceAll(id, name),
})
