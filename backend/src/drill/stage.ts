import { randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { and, eq, ne, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { drawIdPhoto } from '../demo/id-photo.js'
import { demoPerson } from '../demo/people.js'
import { newAccount } from '../identity/account.js'
import { Passwords } from '../identity/passwords.js'
import { TotpService } from '../identity/totp.service.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, alertChanges, alerts, customers } from '../record-store/schema.js'
import { FreezesService } from '../response/freezes.service.js'
import { OutboxService } from '../response/outbox.service.js'
import { triageOf } from '../triage/alert-rows.js'
import { checkPhoto } from '../vault/photos/check-photo.js'
import { VaultWriter, type NewCustomer } from '../vault/vault-writer.js'
import type { Credentials } from './insider.js'

type Kept = { customer: string; photo: string }

/** a code, which pages say in their reader's words */
const over = 'drill_over'

/** Whose customers these are decides who may see them: nobody but the insider is of this branch, and he is of no other. */
const branchOf = (account: string): string => `drill-${account}`

/**
 * What a drill is played with: an account and invented customers that are there for it alone. The policy keeps the insider
 * away from everybody else's customers as it keeps any clerk from another branch's.
 */
@Injectable()
export class Stage {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passwords: Passwords,
    private readonly totp: TotpService,
    private readonly capture: CaptureService,
    private readonly vault: VaultWriter,
    private readonly freezes: FreezesService,
    private readonly outbox: OutboxService,
  ) {}

  /** The insider: a clerk like any other, with a password and codes that never leave this process. */
  async account(id: string): Promise<Credentials> {
    const password = randomBytes(24).toString('base64url')
    const person = newAccount({
      username: `drill.${id}`,
      displayName: `Drill · 演练 ${id.slice(-6)}`,
      role: 'staff',
      team: 'drill',
      branch: branchOf(id),
      passwordHash: await this.passwords.hash(password),
      drill: true,
    })
    await this.store.db.transaction(async (tx) => {
      await tx.insert(accounts).values({ ...person, id })
      await this.write('role_change', { subject: id, reason: 'drill: the insider is made' })
    })
    return { username: person.username, password, totpSecret: await this.totp.install(id) }
  }

  /** Invented customers of the insider's own, each with a consent and one photo. */
  async customers(account: string, first: number, many: number): Promise<Kept[]> {
    const picture = await checkPhoto(await drawIdPhoto('id_front', demoPerson(first), first))
    const owner = { id: account, team: 'drill', branch: branchOf(account) }
    const made: Kept[] = []
    for (let seed = first; seed < first + many; seed++) {
      const { name, id_number, phone, business_type } = demoPerson(seed)
      const photo = uuidv7()
      const input = { name, id_number, phone, business_type, tags: [], consent: consent() }
      const photos = [
        { id: photo, kind: 'id_front' as const, capturedAt: new Date(), createdBy: account, photo: picture },
      ]
      const write = (_: Queries, { id }: { id: string }) =>
        this.write('create', { customer_id: id, count: 1, reason: 'drill: an invented customer' }).then(() => id)
      made.push({ customer: await this.vault.createCustomer(input, owner, write, { photos }), photo })
    }
    return made
  }

  /** Everything that was made for it goes, its alerts are closed; the log keeps what happened. Again and again without harm. */
  async clear(account: string): Promise<void> {
    const own = await this.store.db
      .select({ id: customers.id })
      .from(customers)
      .where(eq(customers.branch, branchOf(account)))
    for (const { id } of own)
      await this.store.db.transaction((tx) => this.vault.deleteCustomer(tx, id, () => Promise.resolve()))
    await this.store.db.transaction(async (tx) => {
      const [insider] = await tx
        .select()
        .from(accounts)
        .where(and(eq(accounts.id, account), eq(accounts.drill, true)))
      if (insider?.freezeId) {
        await this.freezes.lift(tx, account, 'system', over)
        await this.write('lift', { subject: account, reason: over })
      }
      await this.closeAlerts(tx, account)
      if (!insider) return
      await tx.delete(accounts).where(eq(accounts.id, account))
      const reason = 'drill: over, the insider and invented customers are removed'
      await this.write('role_change', { subject: account, count: own.length, reason })
    })
    this.outbox.kick()
  }

  private async closeAlerts(tx: Queries, account: string): Promise<void> {
    const closed = await tx
      .update(alerts)
      .set({
        state: 'closed',
        verdict: 'true',
        by: 'system',
        changedAt: new Date(),
        version: sql`${alerts.version} + 1`,
      })
      .where(and(eq(alerts.actor, account), eq(alerts.drill, true), ne(alerts.state, 'closed')))
      .returning()
    for (const row of closed) {
      const change = {
        alertId: row.id,
        version: row.version,
        kind: 'close' as const,
        by: 'system',
        verdict: 'true' as const,
      }
      await tx.insert(alertChanges).values({ ...change, text: over })
      await this.outbox.putAlert(tx, { kind: 'triage', triage: triageOf(row) })
    }
  }

  private async write(
    action: 'create' | 'lift' | 'role_change',
    facts: Parameters<CaptureService['build']>[2],
  ): Promise<void> {
    await this.capture.append([this.capture.build(action, 'granted', { actor: 'system', drill: true, ...facts })])
  }
}

const consent = (): NewCustomer['consent'] => ({
  given_at: new Date().toISOString(),
  information_types: ['basic', 'contact', 'id_number', 'id_photo'],
  purposes: ['identity_check'],
  way: 'paper',
})
