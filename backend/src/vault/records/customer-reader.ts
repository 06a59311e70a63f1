import { Inject, Injectable } from '@nestjs/common'
import { and, asc, eq, inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../../adapters.js'
import type { Caller } from '../../gateway/caller.js'
import { stillAllowed } from '../../record-store/live-session.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { accounts, consents, customers, customerTags, photos } from '../../record-store/schema.js'
import { groupBy } from '../group-by.js'
import type { CustomerRow } from '../personal-data.js'
import { Standing } from '../standing.js'

export type PhotoRow = typeof photos.$inferSelect
type ConsentRow = typeof consents.$inferSelect
type TagRow = typeof customerTags.$inferSelect

/** Loads what belongs to customers, sealed as it is. Every statement checks the caller's session in its own `where`. */
@Injectable()
export class CustomerReader {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly standing: Standing,
  ) {}

  /** One customer, or the problem that says why not. */
  async load(who: Caller, id: string, db: Queries = this.store.db): Promise<CustomerRow> {
    const [row] = await db
      .select()
      .from(customers)
      .where(and(eq(customers.id, id), stillAllowed(who)))
    return row ?? this.standing.explainNoRow(who, db)
  }

  /** The same, and nobody else changes it before the transaction ends. */
  async loadToChange(who: Caller, id: string, tx: Queries): Promise<CustomerRow> {
    const [row] = await tx
      .select()
      .from(customers)
      .where(and(eq(customers.id, id), stillAllowed(who)))
      .for('update')
    return row ?? this.standing.explainNoRow(who, tx)
  }

  async loadMany(who: Caller, ids: string[]): Promise<CustomerRow[]> {
    return this.store.db
      .select()
      .from(customers)
      .where(and(inArray(customers.id, ids), stillAllowed(who)))
  }

  /** A photo's row with the customer it shows. */
  async loadPhoto(who: Caller, id: string): Promise<{ photo: PhotoRow; customer: CustomerRow }> {
    const [row] = await this.store.db
      .select({ photo: photos, customer: customers })
      .from(photos)
      .innerJoin(customers, eq(customers.id, photos.customerId))
      .where(and(eq(photos.id, id), stillAllowed(who)))
    return row ?? this.standing.explainNoRow(who)
  }

  async photosOf(who: Caller, customerId: string, db: Queries = this.store.db): Promise<PhotoRow[]> {
    return db
      .select()
      .from(photos)
      .where(and(eq(photos.customerId, customerId), stillAllowed(who)))
      .orderBy(asc(photos.capturedAt), asc(photos.id))
  }

  async consentsOf(who: Caller, customerId: string, db: Queries = this.store.db): Promise<ConsentRow[]> {
    return db
      .select()
      .from(consents)
      .where(and(eq(consents.customerId, customerId), stillAllowed(who)))
      .orderBy(asc(consents.givenAt), asc(consents.id))
  }

  /** Sealed tags by customer, in the order they were given. */
  async tagsOf(who: Caller, customerIds: string[], db: Queries = this.store.db): Promise<Map<string, TagRow[]>> {
    const rows = await db
      .select()
      .from(customerTags)
      .where(and(inArray(customerTags.customerId, customerIds), stillAllowed(who)))
      .orderBy(asc(customerTags.position))
    return groupBy(rows, (row) => row.customerId)
  }

  /** Display names by account id. */
  async namesOf(accountIds: string[], db: Queries = this.store.db): Promise<Map<string, string>> {
    const rows = await db
      .select({ id: accounts.id, name: accounts.displayName })
      .from(accounts)
      .where(inArray(accounts.id, accountIds))
    return new Map(rows.map(({ id, name }) => [id, name]))
  }
}
