import { Inject, Injectable } from '@nestjs/common'
import {
  customerFields,
  type Me,
  type meRoutes,
  type Passkey,
  purposes,
  type ReplyOf,
  type SignInStep,
} from '@custodia/contracts'
import { and, asc, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { countWaiting } from '../approvals/waiting.js'
import { decides } from '../power/given-rights.js'
import { countPowerWaiting } from '../power/waiting.js'
import { CONFIG, type Config } from '../config.js'
import type { Caller } from '../gateway/caller.js'
import { levelOf, permissionsOf } from '../gateway/policy.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, passkeys, recoveries, settings } from '../record-store/schema.js'
import { underWay } from '../record-store/recovery-row.js'
import { countToReview } from '../reviews/waiting.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { SealedCodeService } from './sealed-code.service.js'
import { SecondPersons } from './second-persons.js'

type Factors = ReplyOf<typeof meRoutes.factors>

/** What a person has to prove who they are, and who they are to us. */
@Injectable()
export class FactorsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly sealedCode: SealedCodeService,
    private readonly seconds: SecondPersons,
  ) {}

  async me(caller: Caller): Promise<Me> {
    const [demo] = await this.store.db.select({ key: settings.key }).from(settings).where(eq(settings.key, 'demo'))
    const [recovery] = await this.store.db
      .select({ reason: recoveries.reason, by: accounts.displayName, dueAt: recoveries.dueAt })
      .from(recoveries)
      .leftJoin(accounts, eq(accounts.id, recoveries.askedBy))
      .where(and(eq(recoveries.accountId, caller.id), underWay))
    const permissions = permissionsOf(caller)
    const full = caller.level === 'full'
    const onDuty = full && permissions.includes('live.read')
    const decidesFrom = full && decides(caller) ? await this.seconds.newUntil(this.store.db, caller.id) : undefined
    const judges = full && (permissions.includes('approval.decide') || permissions.includes('approval.review'))
    return {
      id: caller.id,
      username: caller.username,
      display_name: caller.displayName,
      role: caller.role,
      team: caller.team,
      branch: caller.branch,
      level: caller.level,
      door: caller.door,
      permissions,
      fields: Object.fromEntries(customerFields.map((field) => [field, levelOf(caller, field)])) as Me['fields'],
      purposes: [...purposes],
      demo_installed: demo !== undefined,
      demo: caller.demo || undefined,
      time_zone: this.config.timeZone,
      recovery: recovery && {
        reason: recovery.reason,
        asked_by_name: recovery.by ?? '',
        due_at: recovery.dueAt?.toISOString(),
      },
      sealed_code_used: onDuty ? await this.sealedCode.used(this.store.db) : undefined,
      approvals_waiting: judges ? await countWaiting(this.store.db, caller) : undefined,
      reviews_waiting:
        full && permissions.includes('review.decide') ? await countToReview(this.store.db, caller) : undefined,
      decides_from: decidesFrom?.toISOString(),
      power_waiting:
        full && permissions.includes('power.stop') ? await countPowerWaiting(this.store.db, caller.id) : undefined,
    }
  }

  async list(accountId: string): Promise<Factors> {
    const { db } = this.store
    const [account] = await db.select({ totp: accounts.totpConfirmed }).from(accounts).where(eq(accounts.id, accountId))
    const keys = await db
      .select()
      .from(passkeys)
      .where(eq(passkeys.accountId, accountId))
      .orderBy(asc(passkeys.createdAt))
    const codes = await this.recoveryCodes.left(db, accountId)
    return {
      totp: account?.totp ?? false,
      passkeys: keys.map(asPasskey),
      recovery_codes: codes && { left: codes.left, issued_at: codes.issuedAt.toISOString() },
      factors: await this.of(db, accountId),
    }
  }

  /** What comes after a step of signing in. */
  async nextStep(tx: Queries, accountId: string, level: Caller['level']): Promise<SignInStep> {
    const factors = await this.of(tx, accountId)
    return { next: level === 'full' ? 'done' : factors.length ? 'second_factor' : 'enrol', factors }
  }

  /**
   * A password alone may enrol the first factor and no other: whoever stole it must not add one of their own. The account's
   * row stays locked until the transaction ends, so that two enrolments cannot both be the first.
   */
  async requireMayEnrol(tx: Queries, caller: Pick<Caller, 'id' | 'level'>): Promise<void> {
    await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, caller.id)).for('update')
    if (caller.level === 'full') return
    if ((await this.of(tx, caller.id)).length) throw new ProblemError('second_factor_required')
  }

  /** What this account can prove itself with. Recovery codes stand in for a factor and are none. */
  async of(tx: Queries, accountId: string): Promise<SignInStep['factors']> {
    const [account] = await tx.select({ totp: accounts.totpConfirmed }).from(accounts).where(eq(accounts.id, accountId))
    const [passkey] = await tx
      .select({ id: passkeys.id })
      .from(passkeys)
      .where(eq(passkeys.accountId, accountId))
      .limit(1)
    if (!account?.totp && !passkey) return []
    const codes = await this.recoveryCodes.left(tx, accountId)
    return [
      ...(account?.totp ? (['totp'] as const) : []),
      ...(passkey ? (['passkey'] as const) : []),
      ...(codes?.left ? (['recovery_code'] as const) : []),
    ]
  }
}

const asPasskey = (row: typeof passkeys.$inferSelect): Passkey => ({
  id: row.id,
  name: row.name,
  created_at: row.createdAt.toISOString(),
  last_used_at: row.lastUsedAt?.toISOString(),
})
