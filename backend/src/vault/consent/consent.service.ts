import { Inject, Injectable } from '@nestjs/common'
import type { Consent, ConsentInput } from '@custodia/contracts'
import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import { RECORD_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import type { Caller } from '../../gateway/caller.js'
import { ProblemError } from '../../gateway/problem.js'
import { stillAllowed } from '../../record-store/live-session.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { consents, customers } from '../../record-store/schema.js'
import { groupBy } from '../group-by.js'
import type { Information } from '../personal-data.js'
import { CustomerReader } from '../records/customer-reader.js'
import { Standing } from '../standing.js'
import { consentRow, presentConsent, requireTerms } from './consent-row.js'
import { uncovered, type ConsentTerms, type PurposeId } from './covers.js'

/** Customers' consents: recorded, withdrawn, and asked before anything of theirs is kept or shown. */
@Injectable()
export class ConsentService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly reader: CustomerReader,
    private readonly standing: Standing,
  ) {}

  /** Throws `consent_missing` unless consents in force cover each type, for each of the customers. */
  async require(
    who: Caller,
    customerIds: string[],
    types: Information[],
    purpose?: PurposeId,
    at = new Date(),
  ): Promise<void> {
    const rows = await this.store.db
      .select()
      .from(consents)
      .where(and(inArray(consents.customerId, customerIds), stillAllowed(who)))
    const byCustomer = groupBy(rows, (row) => row.customerId)
    const lacking = customerIds.flatMap((id) => uncovered(byCustomer.get(id) ?? [], types, at, purpose))
    await this.refuse(who, lacking)
  }

  /** The same of one customer, whose consents were loaded already. */
  async requireAmong(given: ConsentTerms[], who: Caller, types: Information[], purpose: PurposeId): Promise<void> {
    await this.refuse(who, uncovered(given, types, new Date(), purpose))
  }

  private async refuse(who: Caller, lacking: Information[]): Promise<void> {
    if (!lacking.length) return
    await this.standing.require(who)
    throw new ProblemError('consent_missing', { information_types: [...new Set(lacking)] })
  }

  async record(access: Access, customerId: string, input: z.output<typeof ConsentInput>): Promise<Consent> {
    return this.store.db.transaction(async (tx) => {
      access.about({ customer_id: customerId })
      access.require(await this.reader.load(access.who, customerId, tx))
      requireTerms(input, new Date())
      const row = consentRow(uuidv7(), customerId, input, access.who.id)
      await tx.insert(consents).values(row)
      await access.grant({ record_id: row.id })
      return presentConsent(row)
    })
  }

  /** Withdrawing twice is no error: the first time counts. */
  async withdraw(access: Access, id: string): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      const customer = await this.customerOf(access, id, tx)
      access.about({ customer_id: customer.id, record_id: id })
      access.require(customer)
      await tx
        .update(consents)
        .set({ withdrawnAt: sql`now()` })
        .where(and(eq(consents.id, id), isNull(consents.withdrawnAt)))
      await access.grant()
    })
  }

  private async customerOf(access: Access, consentId: string, tx: Queries) {
    const [row] = await tx
      .select({ id: customers.id, owner: customers.owner, team: customers.team, branch: customers.branch })
      .from(consents)
      .innerJoin(customers, eq(customers.id, consents.customerId))
      .where(and(eq(consents.id, consentId), stillAllowed(access.who)))
    return row ?? this.standing.explainNoRow(access.who, tx)
  }
}
