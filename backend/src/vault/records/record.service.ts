import { Inject, Injectable } from '@nestjs/common'
import { type BodyOf, type CustomerDetail, informationOfField, type vaultRoutes } from '@custodia/contracts'
import type { z } from 'zod'
import { KEY_PROVIDER, RECORD_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import { ProblemError } from '../../gateway/problem.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { requireApproval } from '../../approvals/needed.js'
import { Spending } from '../../approvals/spending.service.js'
import { ConsentService } from '../consent/consent.service.js'
import { requireTerms } from '../consent/consent-row.js'
import { inForce, requirePurpose } from '../consent/covers.js'
import { CustomerKey } from '../customer-key.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { requireKnown } from '../field-levels.js'
import { shownTo } from '../masking.js'
import { columnOf, type Field } from '../personal-data.js'
import { Standing } from '../standing.js'
import { VaultWriter, type CustomerChanges } from '../vault-writer.js'
import { CustomerPresenter } from './customer-presenter.js'
import { CustomerReader } from './customer-reader.js'

type Detail = z.output<typeof CustomerDetail>
const namesOf = (given: object): string[] =>
  Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))

/** One customer: created, seen masked, changed, revealed, deleted. */
@Injectable()
export class RecordService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    private readonly reader: CustomerReader,
    private readonly presenter: CustomerPresenter,
    private readonly consents: ConsentService,
    private readonly writer: VaultWriter,
    private readonly standing: Standing,
    private readonly spending: Spending,
  ) {}

  async create(access: Access, { consent, ...input }: BodyOf<typeof vaultRoutes.customerCreate>): Promise<Detail> {
    const { who } = access
    const now = new Date()
    access.about({ fields: namesOf(input) })
    access.require({ owner: who.id, team: who.team, branch: who.branch })
    if (!consent) throw new ProblemError('consent_missing')
    requireTerms(consent, now)
    const until = consent.until === undefined ? null : new Date(consent.until)
    if (!inForce({ givenAt: new Date(consent.given_at), until, withdrawnAt: null }, now))
      throw new ProblemError('consent_missing')
    return this.writer.createCustomer(
      { ...input, consent },
      who,
      async (tx, row) => {
        await this.standing.require(who, tx)
        const detail = await this.presenter.detail(who, await this.reader.loadDetail(who, row.id, tx))
        await access.grant({ customer_id: row.id })
        return detail
      },
      { createdAt: now },
    )
  }

  async view(access: Access, id: string): Promise<Detail> {
    access.about({ customer_id: id })
    const found = await this.reader.arrivedAtCustomer(access)
    access.require({ ...found.customer, relation: found.relation })
    const detail = await this.presenter.detail(access.who, found)
    await access.grant()
    return detail
  }

  async update(access: Access, id: string, changes: CustomerChanges): Promise<Detail> {
    access.about({ customer_id: id, fields: namesOf(changes) })
    return this.store.db.transaction(async (tx) => {
      const row = await this.reader.loadToChange(access.who, id, tx)
      access.require(row)
      requireKnown(access.who, changes)
      await this.writer.updateCustomer(tx, row, changes, new Date())
      const detail = await this.presenter.detail(access.who, await this.reader.loadDetail(access.who, id, tx))
      await access.grant()
      return detail
    })
  }

  async delete(access: Access, id: string): Promise<void> {
    access.about({ customer_id: id })
    await this.store.db.transaction(async (tx) => {
      access.require(await this.reader.loadToChange(access.who, id, tx))
      await this.writer.deleteCustomer(tx, id, () => access.grant())
    })
  }

  /** The fields asked for and no others, in the clear; a field that the customer does not have is left out. */
  async reveal(
    access: Access,
    id: string,
    asked: Field[],
    { purpose, approval_id: approval }: Pick<BodyOf<typeof vaultRoutes.customerReveal>, 'purpose' | 'approval_id'>,
  ): Promise<Record<string, string>> {
    const fields = [...new Set(asked)]
    access.about({ customer_id: id, fields })
    const row = await this.reader.load(access.who, id)
    access.require(row, approval ? 'customer.view' : undefined)
    requireApproval(access.who, { use: 'reveal', fields, customers: [id] }, approval)
    const stated = requirePurpose(purpose)
    access.about({ purpose: stated })
    await this.consents.require(
      access.who,
      [id],
      fields.map((field) => informationOfField[field]),
      stated,
    )
    const key = await CustomerKey.open(this.keys, row)
    const revealed = fields.flatMap((field) => {
      const sealed = row[columnOf[field]]
      return sealed === null ? [] : [[field, shownTo(access.who, field, key.open(sealed, field))]]
    })
    const facts = { count: 1, reason: access.who.masked ? 'masked' : undefined }
    const claim = { use: 'reveal', fields, purpose: stated, customers: [id] } as const
    const hold = (tx?: Queries) => this.standing.hold(access, facts, undefined, tx)
    await (approval ? this.spending.spend(access, approval, claim, hold) : hold())
    return Object.fromEntries(revealed) as Record<string, string>
  }
}
