import { createHash } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import {
  type AccessEvent,
  type BodyOf,
  informationOfField,
  type Permission,
  type vaultRoutes,
} from '@custodia/contracts'
import { KEY_PROVIDER } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import type { Caller } from '../../gateway/caller.js'
import { ProblemError } from '../../gateway/problem.js'
import { FreeExports } from '../../approvals/free-exports.service.js'
import { requireApproval } from '../../approvals/needed.js'
import { Spending } from '../../approvals/spending.service.js'
import type { Queries } from '../../record-store/record-store.js'
import { ConsentService } from '../consent/consent.service.js'
import { requirePurpose, type PurposeId } from '../consent/covers.js'
import { CustomerKey } from '../customer-key.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { shownTo } from '../masking.js'
import { columnOf, type CustomerRow, type Field } from '../personal-data.js'
import { CustomerReader } from '../records/customer-reader.js'
import { Standing } from '../standing.js'
import { toCsv } from '../../gateway/csv.js'

/** Ids in one part of an export's events, and customers loaded at a time. */
const partSize = 1000
/** Ids that a refused export names; the whole list is written down only with what left. */
const namedWhenRefused = 100

const partsOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / partSize) }, (_, n) => items.slice(n * partSize, (n + 1) * partSize))

/** Exports are made whole, hashed and written down, and only then sent. All customers asked for, or none. */
@Injectable()
export class ExportService {
  constructor(
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    private readonly reader: CustomerReader,
    private readonly consents: ConsentService,
    private readonly standing: Standing,
    private readonly spending: Spending,
    private readonly freeExports: FreeExports,
  ) {}

  async csv(access: Access, body: BodyOf<typeof vaultRoutes.customerExport>): Promise<Buffer> {
    const ids = [...new Set(body.customer_ids)]
    const fields = [...new Set(body.fields)]
    access.about({ fields, count: ids.length, record_ids: ids.slice(0, namedWhenRefused) })
    const purpose = requirePurpose(body.purpose)
    access.about({ purpose })
    const { approval_id: approval } = body
    const exported = approval ? 0 : await this.freeExports.sum(access.who.id)
    requireApproval(access.who, { use: 'export', fields, customers: ids }, approval, exported)
    const rows: string[][] = [['customer_id', ...fields]]
    for (const part of partsOf(ids)) {
      const customers = await this.loadAllowed(access, part, fields, purpose, approval ? 'customer.view' : undefined)
      for (const customer of customers) rows.push(await this.line(access.who, customer, fields))
    }
    const file = toCsv(rows)
    const hash = `sha256:${createHash('sha256').update(file).digest('hex')}`
    const reason = access.who.masked ? `masked ${hash}` : hash
    const facts = { count: ids.length, bytes: file.length, reason, record_ids: undefined }
    const parts = (header: AccessEvent) => partsOf(ids).map((record_ids) => access.part(header, { record_ids }))
    const claim = { use: 'export', fields, purpose, customers: ids } as const
    const hold = (tx: Queries) => this.standing.hold(access, facts, parts, tx)
    if (approval) await this.spending.spend(access, approval, claim, hold)
    else await this.freeExports.count(access, claim, hold)
    return file
  }

  /** In the order asked for; one that is missing, out of reach or without consent refuses the whole. */
  private async loadAllowed(
    access: Access,
    ids: string[],
    fields: Field[],
    purpose: PurposeId,
    needs: Permission | undefined,
  ): Promise<CustomerRow[]> {
    const found = new Map((await this.reader.loadMany(access.who, ids)).map((row) => [row.id, row]))
    const rows: CustomerRow[] = []
    for (const id of ids) {
      const row = found.get(id)
      if (!row) {
        await this.standing.require(access.who)
        throw new ProblemError('not_found')
      }
      access.require(row, needs)
      rows.push(row)
    }
    const types = fields.map((field) => informationOfField[field])
    await this.consents.require(access.who, ids, types, purpose)
    return rows
  }

  private async line(who: Caller, row: CustomerRow, fields: Field[]): Promise<string[]> {
    const key = await CustomerKey.open(this.keys, row)
    const values = fields.map((field) => {
      const sealed = row[columnOf[field]]
      return sealed === null ? '' : shownTo(who, field, key.open(sealed, field))
    })
    return [row.id, ...values]
  }
}
