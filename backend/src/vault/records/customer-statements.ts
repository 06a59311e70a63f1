import { and, eq, sql, type SQLWrapper } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { hasToken, inForce, sessionColumns } from '../../identity/session-statements.js'
import { callerPlaces, stillAllowed } from '../../record-store/live-session.js'
import type { Database, Queries } from '../../record-store/record-store.js'
import { rowsAsJson } from '../../record-store/rows-as-json.js'
import { relationTo } from '../relations/relation.js'
import { accounts, consents, customers, customerTags, photos, sessions } from '../../record-store/schema.js'

const id = sql.placeholder('id')
const owners = alias(accounts, 'owners')
const tagsOfCustomer = sql`from ${customerTags} where ${customerTags.customerId} = ${customers.id} order by ${customerTags.position}`
const consentsOfCustomer = rowsAsJson(
  consents,
  eq(consents.customerId, customers.id),
  sql`${consents.givenAt}, ${consents.id}`,
)

/** What is shown of a customer, as columns of one statement. */
const detailColumns = (viewer: SQLWrapper) => ({
  customer: customers,
  relation: relationTo(viewer),
  ownerName: owners.displayName,
  positions: sql<number[]>`array(select ${customerTags.position} ${tagsOfCustomer})`,
  tags: sql<Buffer[]>`array(select ${customerTags.tag} ${tagsOfCustomer})`,
  photos: rowsAsJson(photos, eq(photos.customerId, customers.id), sql`${photos.capturedAt}, ${photos.id}`),
  consents: consentsOfCustomer,
})

/** A customer with everything that is shown beside it. */
export const customerDetail = (db: Queries) =>
  db
    .select(detailColumns(callerPlaces.id))
    .from(customers)
    .innerJoin(owners, eq(owners.id, customers.owner))
    .where(and(eq(customers.id, id), stillAllowed(callerPlaces)))
    .prepare('customer_detail')
export type CustomerInDetail = Awaited<ReturnType<ReturnType<typeof customerDetail>['execute']>>[number]

/** The same together with the session of a token. */
export const arrivalAtCustomer = (db: Database) =>
  db
    .select({ ...sessionColumns, ...detailColumns(accounts.id) })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .leftJoin(customers, and(eq(customers.id, id), inForce))
    .leftJoin(owners, eq(owners.id, customers.owner))
    .where(hasToken)
    .prepare('arrival_at_customer')

/** A photo's row, whose it is, and that customer's consents, together with the session of a token. */
export const arrivalAtPhoto = (db: Database) =>
  db
    .select({
      ...sessionColumns,
      photo: photos,
      customer: {
        id: customers.id,
        owner: customers.owner,
        team: customers.team,
        branch: customers.branch,
        canary: customers.canary,
        businessType: customers.businessType,
      },
      relation: relationTo(accounts.id),
      consents: consentsOfCustomer,
    })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .leftJoin(photos, and(eq(photos.id, id), inForce))
    .leftJoin(customers, eq(customers.id, photos.customerId))
    .where(hasToken)
    .prepare('arrival_at_photo')
type PhotoArrival = Awaited<ReturnType<ReturnType<typeof arrivalAtPhoto>['execute']>>[number]
export type PhotoOfCustomer = { [K in 'photo' | 'customer' | 'consents']: NonNullable<PhotoArrival[K]> } & Pick<
  PhotoArrival,
  'relation'
>
