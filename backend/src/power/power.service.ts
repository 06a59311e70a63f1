import { Inject, Injectable } from '@nestjs/common'
import type { PowerChange, PolicySettings, powerRoutes, ReplyOf } from '@custodia/contracts'
import { and, desc, eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { Policies } from '../gateway/policies.js'
import { ProblemError } from '../gateway/problem.js'
import { Administrators } from '../identity/administrators.js'
import { InvitationsService } from '../identity/invitations.service.js'
import { SecondPersons } from '../identity/second-persons.js'
import { endSessionsOf } from '../identity/session-ends.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, powerChanges } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { OutboxService } from '../response/outbox.service.js'
import { asPowerChange, selectPowerChanges, type PowerRow } from './power-rows.js'
import { powerAlert } from './told.js'

const shown = 20
const ofTheHouse = { detail: 'This house has administrators of its own: they propose it.' }
type Change = typeof powerChanges.$inferSelect

/** What is to be given, and why. */
export type Proposal = { reason: string } & (
  | { kind: 'policy'; policy: { version: number; settings: PolicySettings }; opens: string[] }
  | { kind: 'administrator'; account: string }
)

/**
 * Nobody gives power alone: one administrator proposes, another who can come in confirms. Where there is no other, it takes
 * effect by itself after the waiting time of a recovery, not sooner than a week after there was one, and anybody on duty who
 * may say no has until then.
 */
@Injectable()
export class PowerService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly administrators: Administrators,
    private readonly policies: Policies,
    private readonly outbox: OutboxService,
    private readonly capture: CaptureService,
    private readonly seconds: SecondPersons,
    private readonly invitations: InvitationsService,
  ) {}

  async list(access: Access): Promise<ReplyOf<typeof powerRoutes.powerChanges>> {
    // What waits comes first: nobody hides it behind others that they stopped.
    const order = [desc(eq(powerChanges.state, 'waiting')), desc(powerChanges.askedAt)]
    const rows = await selectPowerChanges(this.store.db)
      .orderBy(...order)
      .limit(shown)
    await access.grant({ fields: ['power_changes'], count: rows.length })
    return { items: rows.map(asPowerChange) }
  }

  async proposeAdministrator(access: Access, account: string, reason: string): Promise<PowerChange> {
    access.about({ subject: account, reason })
    const proposed = await this.store.serialisable(async (tx) => {
      const { role, status, drill } = await lockAccount(tx, account)
      if (role === 'admin' && status === 'active')
        throw new ProblemError('conflict', { detail: 'This person is administrator already.' })
      if (drill) throw new ProblemError('conflict', { detail: 'This person is part of a drill.' })
      const change = await this.propose(tx, access, { kind: 'administrator', account, reason })
      await access.grant({ record_id: change.id, fields: ['role', 'proposed'] })
      return change
    }, access)
    this.outbox.kick()
    return proposed
  }

  /** In the caller's transaction, which writes the event. */
  async propose(tx: Queries, { who }: Access, proposal: Proposal): Promise<PowerChange> {
    if (!(await this.administrators.includes(tx, who.id))) throw new ProblemError('not_signed_in')
    // How demo people sign in lies in a file: whoever has it and an account of their own would be two.
    if (who.demo && (await this.administrators.isTheHouses(tx)))
      throw new ProblemError('second_person_required', ofTheHouse)
    const alone = !(await this.administrators.isAnother(tx, who))
    const waited = Date.now() + this.config.recoveryWaitHours * 3_600_000
    const missed = await this.administrators.missedUntil(tx, who)
    const row = {
      id: uuidv7(),
      kind: proposal.kind,
      ...(proposal.kind === 'policy'
        ? { target: 'policy', policy: proposal.policy, opens: proposal.opens }
        : { target: proposal.account }),
      reason: proposal.reason,
      askedBy: who.id,
      dueAt: alone ? new Date(Math.max(waited, missed)) : null,
    }
    const made = await tx.insert(powerChanges).values(row).onConflictDoNothing().returning({ id: powerChanges.id })
    if (!made.length)
      throw new ProblemError('conflict', { detail: 'Such a change waits already: confirm or stop that one first.' })
    const found = await this.find(tx, row.id)
    await this.alarm(tx, 'asked', found)
    return asPowerChange(found)
  }

  async confirm(access: Access, id: string): Promise<PowerChange> {
    access.about({ record_id: id })
    const done = await this.store.serialisable(async (tx) => {
      const row = await this.find(tx, id)
      const { change } = row
      if (change.kind === 'administrator') access.about({ subject: change.target })
      if (!(await this.administrators.includes(tx, access.who.id))) throw new ProblemError('not_signed_in')
      await this.seconds.require(tx, access.who, change.askedBy)
      if (!row.waits || !(await this.askerStands(tx, row)) || !(await this.carryOut(tx, row, access.who.id)))
        throw new ProblemError('conflict')
      await access.grant({ reason: 'confirmed' })
      return asPowerChange(await this.find(tx, id))
    }, access)
    this.outbox.kick()
    return done
  }

  /** Whoever may say no, the one who asked as well. */
  async stop(access: Access, id: string, reason: string): Promise<void> {
    access.about({ record_id: id, reason })
    await this.store.serialisable(async (tx) => {
      const { change, waits } = await this.find(tx, id)
      if (change.kind === 'administrator') access.about({ subject: change.target })
      if (!waits) throw new ProblemError('conflict')
      await this.end(tx, id, 'stopped', access.who.id)
      await access.grant({ reason })
    }, access)
  }

  async find(tx: Queries, id: string): Promise<PowerRow> {
    const [row] = await selectPowerChanges(tx).where(eq(powerChanges.id, id))
    if (!row) throw new ProblemError('not_found')
    return row
  }

  /** Whoever asked still answers for it, and was not frozen since. */
  async askerStands(tx: Queries, { change, frozenSince }: PowerRow): Promise<boolean> {
    return !frozenSince && (await this.administrators.includes(tx, change.askedBy))
  }

  /** False where the table that it would take the place of is no longer in force. */
  async carryOut(tx: Queries, row: PowerRow, by: string): Promise<boolean> {
    const { change } = row
    if (change.policy) {
      const { version, settings } = change.policy
      const made = { changed_at: new Date().toISOString(), changed_by: change.askedBy, reason: change.reason }
      const changed = { ...made, confirmed_by: by }
      if (!(await this.policies.replace(tx, version, settings, changed))) return false
    } else {
      const before = await lockAccount(tx, change.target)
      await tx.update(accounts).set({ role: 'admin', status: 'active' }).where(eq(accounts.id, before.id))
      // Two know this person, or it was one alone, and everybody has known of it since they asked. Whoever comes first by
      // another door nobody knows yet.
      if (by === 'system') await this.seconds.begin(tx, before.id, change.askedBy, { since: change.askedAt.getTime() })
      else if (before.door !== 'password' && !before.doorSubject)
        await this.seconds.begin(tx, before.id, change.askedBy)
      else await this.seconds.count(tx, before.id, change.askedAt)
      await this.invitations.revoke(tx, before.id) // whoever has such a link would be the administrator
      await endSessionsOf(tx, before.id, 'revoked')
    }
    await this.end(tx, change.id, 'done', by)
    await this.alarm(tx, 'done', row)
    return true
  }

  /** Of the table that is in force no longer: what was proposed against it is void. */
  async outdate(tx: Queries): Promise<void> {
    const [change] = await tx
      .select()
      .from(powerChanges)
      .where(and(eq(powerChanges.target, 'policy'), eq(powerChanges.state, 'waiting')))
    if (change) await this.lapse(tx, change, 'outdated')
  }

  async lapse(tx: Queries, change: Change, reason = 'lapsed'): Promise<void> {
    await this.end(tx, change.id, 'lapsed', 'system')
    await this.write('approval', 'failed', change, reason)
  }

  /** What the system does by itself is an event, too. */
  async write(
    action: 'role_change' | 'approval',
    outcome: 'granted' | 'failed',
    { id, kind, target }: Change,
    reason: string,
  ): Promise<void> {
    const subject = kind === 'administrator' ? target : undefined
    const facts = { actor: 'system', record_id: id, subject, reason }
    await this.capture.append([this.capture.build(action, outcome, facts)])
  }

  private async end(tx: Queries, id: string, state: 'done' | 'stopped' | 'lapsed', endedBy: string): Promise<void> {
    const ended = await tx
      .update(powerChanges)
      .set({ state, endedBy, endedAt: new Date() })
      .where(and(eq(powerChanges.id, id), eq(powerChanges.state, 'waiting')))
      .returning({ id: powerChanges.id })
    if (!ended.length) throw new ProblemError('conflict')
  }

  private alarm(tx: Queries, step: Parameters<typeof powerAlert>[0], row: PowerRow): Promise<void> {
    const { change, asker, account } = row
    const told = { ...change, by: asker?.name ?? '', name: account ?? '' }
    return this.outbox.putAlert(tx, { kind: 'raised', alert: powerAlert(step, told, this.config.timeZone) })
  }
}
