import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common'
import type { ReplyOf, routes } from '@custodia/contracts'
import { eq, inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { SetupService } from '../identity/setup.service.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, alerts, customers } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { VaultWriter } from '../vault/vault-writer.js'
import { DemoAccounts } from './demo-accounts.js'
import { customersTotal, DemoProgressStore } from './progress.js'
import { SupervisorChannel } from './supervisor-channel.js'

/** Fewer than the pool has connections: others are served meanwhile. */
const atOnce = 5

/** Demo data: put in by one action, taken out by one. Its events stay in the log, marked, and leave the reports. */
@Injectable()
export class DemoService implements OnApplicationBootstrap {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly progress: DemoProgressStore,
    private readonly people: DemoAccounts,
    private readonly vault: VaultWriter,
    private readonly outbox: OutboxService,
    private readonly setup: SetupService,
    private readonly supervisor: SupervisorChannel,
  ) {}

  /** Asked for at the start, or there from an earlier one. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.config.installDemo) await this.progress.begin()
    if (this.config.installDemo) await this.people.install()
    if (await this.progress.read()) this.supervisor.runDemo()
  }

  async state(): Promise<ReplyOf<typeof routes.demoState>> {
    const progress = await this.progress.read()
    return {
      installed: progress !== undefined,
      ...(progress ?? { loading: false, customers: 0, customers_total: customersTotal, photos: 0 }),
    }
  }

  async install(access: Access): Promise<void> {
    if (!this.supervisor.available)
      throw new ProblemError('conflict', {
        detail: 'Demo data runs on a single machine only: start it with `npm start`.',
      })
    await access.grant({ reason: 'demo data installed' })
    await this.progress.begin()
    this.supervisor.runDemo()
  }

  async remove(access: Access): Promise<void> {
    await access.grant({ reason: 'demo data removed' })
    await this.supervisor.stopDemo()
    const rows = await this.store.db.select({ id: customers.id }).from(customers).where(eq(customers.demo, true))
    while (rows.length) await Promise.all(rows.splice(0, atOnce).map(({ id }) => this.removeCustomer(id)))
    await this.store.db.transaction((tx) => this.removePeople(tx))
    this.people.remove()
    this.outbox.kick()
    // When the last administrator was a demo person too, the next one needs a code.
    const code = await this.setup.ensureSetupCode()
    if (code) this.supervisor.tellSetupCode(code)
  }

  private removeCustomer(id: string): Promise<void> {
    return this.store.db.transaction((tx) => this.vault.deleteCustomer(tx, id, async () => {}))
  }

  private async removePeople(tx: Queries): Promise<void> {
    const people = await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.demo, true))
    const ids = people.map((person) => person.id)
    for (const account of ids)
      await this.outbox.putAccount(tx, account, {
        kind: 'sessions_revoked',
        account,
        sessions: [],
        at: new Date().toISOString(),
      })
    await tx.delete(alerts).where(eq(alerts.demo, true))
    if (ids.length) await tx.delete(alerts).where(inArray(alerts.actor, ids))
    await tx.delete(accounts).where(eq(accounts.demo, true))
    await this.progress.remove(tx)
  }
}
