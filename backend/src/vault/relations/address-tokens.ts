import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { and, asc, eq, gt, isNotNull } from 'drizzle-orm'
import type { Logger } from 'pino'
import { KEY_PROVIDER, LOGGER, RECORD_STORE } from '../../adapters.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { customers, settings } from '../../record-store/schema.js'
import { CustomerIndex } from '../search/customer-index.js'
import { SearchTokens } from '../search/tokens.js'
import { CustomerKey } from '../customer-key.js'
import type { KeyProvider } from '../keys/key-provider.js'

const key = 'address-tokens'
const pageSize = 100
interface Progress {
  /** the last customer that was looked at */
  after: string
  done: boolean
}

/**
 * Customers from before addresses were compared get the hash of theirs, while the system runs: a page a transaction, whose
 * place stands in the settings, so that gateways take turns and a restart goes on. Once done it is one read a start.
 */
@Injectable()
export class AddressTokens implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly index: CustomerIndex
  private ending = false
  private running?: Promise<void>

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.index = new CustomerIndex(new SearchTokens(keys.hmacKey('search-index')))
  }

  onApplicationBootstrap(): void {
    this.running = this.fill().catch((error: unknown) =>
      this.logger.warn({ err: error }, 'addresses of customers are hashed at the next start'),
    )
  }

  async onModuleDestroy(): Promise<void> {
    this.ending = true
    await this.running
  }

  async fill(): Promise<void> {
    while (!this.ending) if (await this.store.db.transaction((tx) => this.page(tx))) return
  }

  /** True when there is none after it. */
  private async page(tx: Queries): Promise<boolean> {
    await tx
      .insert(settings)
      .values({ key, value: { after: '', done: false } })
      .onConflictDoNothing()
    const [row] = await tx.select().from(settings).where(eq(settings.key, key)).for('update')
    const { after, done } = row!.value as Progress
    if (done) return true
    // shared with nobody who changes the address meanwhile: theirs is the newer hash
    const rows = await tx
      .select({ id: customers.id, dataKey: customers.dataKey, address: customers.address })
      .from(customers)
      .where(and(gt(customers.id, after), isNotNull(customers.address)))
      .orderBy(asc(customers.id))
      .limit(pageSize)
      .for('share')
    for (const { address, ...row } of rows) {
      const opened = await CustomerKey.open(this.keys, row)
      await this.index.put(tx, row.id, { address: opened.open(address!, 'address') })
    }
    const value: Progress = { after: rows.at(-1)?.id ?? after, done: rows.length < pageSize }
    await tx.update(settings).set({ value }).where(eq(settings.key, key))
    return value.done
  }
}
