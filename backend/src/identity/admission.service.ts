import { Inject, Injectable } from '@nestjs/common'
import type { SignInStep } from '@custodia/contracts'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { FastifyReply } from 'fastify'
import { RECORD_STORE } from '../adapters.js'
import type { AccessFacts } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { Policies } from '../gateway/policies.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, sessions } from '../record-store/schema.js'
import { raise } from '../response/raise.js'
import { systemAlert } from '../response/system-alert.js'
import { actorFacts, callerOf, type Account } from './account.js'
import { FactorsService } from './factors.service.js'
import { FrozenService } from './frozen.service.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { SessionsService } from './sessions.service.js'

/** What a strategy found proven. */
export interface Proven {
  account: Account
  level: Caller['level']
  facts: AccessFacts
  /** the session this one takes the place of */
  previous?: string
  /** how long the session lasts, where it is less than the role's */
  minutes?: number
  /** what the OpenID provider calls its session */
  providerSid?: string | undefined
  /** what becomes true together with the session, or not at all: a code is burnt, a factor added, an administrator made */
  settle: (tx: Queries) => Promise<void>
  /** a factor was enrolled: whoever never had recovery codes gets them with it */
  enrols?: true
}

/** Lets in whom a strategy has proven. One transaction: what was proven, the session, and the event as its last step. */
@Injectable()
export class AdmissionService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly sessions: SessionsService,
    private readonly factors: FactorsService,
    private readonly frozen: FrozenService,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly policies: Policies,
  ) {}

  async admit(proven: Proven, access: Access, reply: FastifyReply): Promise<SignInStep> {
    const { account, level, minutes, previous, providerSid, facts, settle } = proven
    access.about({ ...actorFacts(account), ...facts })
    const { session, step } = await this.store.db.transaction(async (tx) => {
      const { id: accountId, role } = account
      await this.hold(tx, accountId)
      const goesOn = !previous || (await this.goesOn(tx, previous))
      await settle(tx)
      await this.requireOpen(tx, accountId)
      // said last: a freeze has ended the session, too, and whom it stops is to hear of that
      if (!goesOn) throw new ProblemError('not_signed_in')
      const codes = proven.enrols ? await this.recoveryCodes.issueFirst(tx, accountId) : undefined
      if (level === 'full') access.about({ idle_days: await this.sessions.idleDays(tx, account) })
      const opened = await this.sessions.open(tx, {
        accountId,
        level,
        role,
        origin: access.origin,
        previous,
        minutes,
        providerSid,
      })
      const next = await this.factors.nextStep(tx, account.id, level)
      const policy = await this.policies.current(tx)
      access.identify(callerOf(account, { ...opened, level, policy }))
      const event = await access.grant()
      if (account.breakGlass && level === 'full') await this.beLoud(tx, account, event.id)
      return { session: opened, step: { ...next, recovery_codes: codes } }
    })
    this.sessions.setCookie(reply, session)
    return step
  }

  /** A sealed account is for emergencies: whoever uses it, everybody on duty hears of it. */
  private async beLoud(tx: Queries, account: Account, eventId: string): Promise<void> {
    const { displayName, id: actor, demo } = account
    const text = {
      en: `The sealed account ${displayName} is in use. Find out at once by whom, and what for.`,
      zh: `应急账号 ${displayName} 正在使用。请立即查明使用者和用途。`,
    }
    const title = 'A sealed account is in use'
    const alert = systemAlert({
      rule: 'break-glass',
      title,
      text,
      eventId,
      actor,
      at: new Date(),
      demo: demo || undefined,
    })
    await raise(tx, alert)
  }

  /**
   * The account's row is held from here on: whoever resets, revokes or closes comes before or after. Before: what this one was
   * proven with, or in, is over. After: the session that it opens ends with the others.
   */
  private async hold(tx: Queries, id: string): Promise<void> {
    await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, id)).for('update')
  }

  /** Said only after the proof: nobody else learns what became of an account. */
  private async requireOpen(tx: Queries, id: string): Promise<void> {
    const [found] = await tx
      .select({ status: accounts.status, freeze: freezes })
      .from(accounts)
      .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), gt(accounts.frozenUntil, sql`now()`)))
      .where(eq(accounts.id, id))
    if (found?.status === 'disabled') throw new ProblemError('account_disabled')
    if (found?.freeze) throw this.frozen.problem(found.freeze)
  }

  /** Asked before anything is settled: another password ends it, too. */
  private async goesOn(tx: Queries, session: string): Promise<boolean> {
    const [open] = await tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, session), isNull(sessions.endedAt)))
      .for('update')
    return open !== undefined
  }
}
