import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, ReplyOf, vaultRoutes } from '@custodia/contracts'
import { and, desc, eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { KEY_PROVIDER, RECORD_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import type { Caller } from '../../gateway/caller.js'
import { ProblemError } from '../../gateway/problem.js'
import { stillAllowed } from '../../record-store/live-session.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { transactions } from '../../record-store/schema.js'
import { CustomerKey } from '../customer-key.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { shownTo } from '../masking.js'
import { CustomerReader } from '../records/customer-reader.js'

type Page = ReplyOf<typeof vaultRoutes.transactions>
type Added = ReplyOf<typeof vaultRoutes.transactionAdd>
type Row = typeof transactions.$inferSelect

/** The newest ones; the route has no pages. */
const mostShown = 1000
/** Up to here a number still tells hundredths apart. */
const largestAmount = 1e13

/** A customer's transactions: a permission of their own, since they tell more than the customer's page. */
@Injectable()
export class TransactionService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    private readonly reader: CustomerReader,
  ) {}

  async list(access: Access, customerId: string): Promise<Page> {
    access.about({ customer_id: customerId, fields: ['transactions'] })
    const customer = await this.reader.load(access.who, customerId)
    access.require(customer)
    const rows = await this.store.db
      .select()
      .from(transactions)
      .where(and(eq(transactions.customerId, customerId), stillAllowed(access.who)))
      .orderBy(desc(transactions.at), desc(transactions.id))
      .limit(mostShown)
    const key = await CustomerKey.open(this.keys, customer)
    const items = rows.map((row) => present(row, key, access.who))
    await access.grant({ count: rows.length })
    return { items }
  }

  async add(
    access: Access,
    customerId: string,
    { at, counterparty, ...rest }: BodyOf<typeof vaultRoutes.transactionAdd>,
  ): Promise<Added> {
    access.about({ customer_id: customerId, fields: ['transactions'] })
    requireAmount(rest.amount)
    return this.store.db.transaction(async (tx) => {
      const customer = await this.reader.load(access.who, customerId, tx)
      access.require(customer)
      const id = uuidv7()
      const key = await CustomerKey.open(this.keys, customer)
      const sealed = counterparty === undefined ? null : key.seal(counterparty, ...placeOf(id))
      const row = { id, customerId, at: new Date(at), ...rest, counterparty: sealed }
      await tx.insert(transactions).values(row)
      await access.grant({ record_id: id })
      return present(row, key, access.who)
    })
  }
}

/** Kept to the hundredth: what would be rounded or would not fit is refused. */
function requireAmount(amount: number): void {
  if (Math.abs(amount) <= largestAmount && Number(amount.toFixed(2)) === amount) return
  throw new ProblemError('invalid_input', {
    errors: [{ path: 'body.amount', message: 'at most two decimals and 10^13' }],
  })
}

const placeOf = (id: string): string[] => ['transaction', id, 'counterparty']

/** The other party is a name in the clear: masked where a measure says so. */
const present = (row: Row, key: CustomerKey, who: Caller): Added => ({
  id: row.id,
  at: row.at.toISOString(),
  kind: row.kind,
  amount: row.amount,
  currency: row.currency,
  counterparty:
    row.counterparty === null ? undefined : shownTo(who, 'name', key.open(row.counterparty, ...placeOf(row.id))),
})
