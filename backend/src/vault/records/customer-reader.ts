import { Inject, Injectable } from '@nestjs/common'
import { vaultRoutes } from '@custodia/contracts'
import { and, asc, eq, getTableColumns, inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import { Arrivals } from '../../gateway/arrivals.js'
import type { Caller } from '../../gateway/caller.js'
import { SessionsService } from '../../identity/sessions.service.js'
import { placesOf, stillAllowed } from '../../record-store/live-session.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { accounts, customers, customerTags, type photos } from '../../record-store/schema.js'
import { groupBy } from '../group-by.js'
import type { CustomerRow } from '../personal-data.js'
import { relationTo } from '../relations/relation.js'
import { Standing } from '../standing.js'
import {
  arrivalAtCustomer,
  arrivalAtPhoto,
  customerDetail,
  type CustomerInDetail,
  type PhotoOfCustomer,
} from './customer-statements.js'

export type PhotoRow = typeof photos.$inferSelect
/** A customer's row, and what the person who asks has in common with them. */
export type RelatedCustomer = CustomerRow & { relation: string | null }
const withRelation = ({ id }: Caller) => ({ ...getTableColumns(customers), relation: relationTo(id) })
type TagRow = Pick<typeof customerTags.$inferSelect, 'position' | 'tag'>

/** Loads what belongs to customers, sealed as it is. Every statement checks the caller's session in its own `where`. */
@Injectable()
export class CustomerReader {
  /** what the door's statement brought along, until the room asks for it */
  private readonly customers = new WeakMap<Access, CustomerInDetail>()
  private readonly photos = new WeakMap<Access, PhotoOfCustomer>()

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly standing: Standing,
    sessions: SessionsService,
    arrivals: Arrivals,
  ) {
    const toCustomer = arrivalAtCustomer(store.db)
    const toPhoto = arrivalAtPhoto(store.db)
    arrivals.at(vaultRoutes.customerView, async (token, id, access) => {
      const [row] = await toCustomer.execute({ token, id })
      const { customer, ownerName } = row ?? {}
      if (row && customer && ownerName) this.customers.set(access, { ...row, customer, ownerName })
      return sessions.callerIn(row)
    })
    for (const route of [vaultRoutes.photoView, vaultRoutes.photoDownload, vaultRoutes.photoThumbnail])
      arrivals.at(route, async (token, id, access) => {
        const [row] = await toPhoto.execute({ token, id })
        const { photo, customer, consents, relation = null } = row ?? {}
        if (photo && customer && consents) this.photos.set(access, { photo, customer, consents, relation })
        return sessions.callerIn(row)
      })
  }

  /** The customer that the access is after, with what is shown beside it. */
  async arrivedAtCustomer(access: Access): Promise<CustomerInDetail> {
    return this.customers.get(access) ?? this.standing.explainNoRow(access.who)
  }

  /** The photo that the access is after, with the customer it shows. */
  async arrivedAtPhoto(access: Access): Promise<PhotoOfCustomer> {
    return this.photos.get(access) ?? this.standing.explainNoRow(access.who)
  }

  /** A customer with what is shown beside it, after a change in the given transaction. */
  async loadDetail(who: Caller, id: string, tx: Queries): Promise<CustomerInDetail> {
    const [row] = await customerDetail(tx).execute({ id, ...placesOf(who) })
    return row ?? this.standing.explainNoRow(who, tx)
  }

  /** One customer, or the problem that says why not. */
  async load(who: Caller, id: string, db: Queries = this.store.db): Promise<RelatedCustomer> {
    const [row] = await db
      .select(withRelation(who))
      .from(customers)
      .where(and(eq(customers.id, id), stillAllowed(who)))
    return row ?? this.standing.explainNoRow(who, db)
  }

  /** The same, and nobody else changes it before the transaction ends. */
  async loadToChange(who: Caller, id: string, tx: Queries): Promise<RelatedCustomer> {
    const [row] = await tx
      .select(withRelation(who))
      .from(customers)
      .where(and(eq(customers.id, id), stillAllowed(who)))
      .for('update')
    return row ?? this.standing.explainNoRow(who, tx)
  }

  async loadMany(who: Caller, ids: string[]): Promise<RelatedCustomer[]> {
    return this.store.db
      .select(withRelation(who))
      .from(customers)
      .where(and(inArray(customers.id, ids), stillAllowed(who)))
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
