import { Inject, Injectable } from '@nestjs/common'
import type { CustomerDetail, CustomerField, MaskedCustomer, Permission, PhotoInfo } from '@custodia/contracts'
import type { z } from 'zod'
import { KEY_PROVIDER } from '../../adapters.js'
import type { Caller } from '../../gateway/caller.js'
import { levelOf, may } from '../../gateway/policy.js'
import { presets } from '../../gateway/policy-table.js'
import type { Queries } from '../../record-store/record-store.js'
import { presentConsent } from '../consent/consent-row.js'
import { CustomerKey } from '../customer-key.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { mask } from '../masking.js'
import { columnOf, type CustomerRow, type Field } from '../personal-data.js'
import { CustomerReader, type PhotoRow } from './customer-reader.js'
import type { CustomerInDetail } from './customer-statements.js'

type Masked = z.output<typeof MaskedCustomer>
/** The permissions that are about one customer. */
const aboutCustomers = (Object.keys(presets.separation.rows) as Permission[]).filter(
  (permission) =>
    /^(customer|consent|transaction|photo)\./.test(permission) && !/^customer\.(search|create)$/.test(permission),
)

/** Turns sealed rows into what people see: personal fields masked, names behind ids. */
@Injectable()
export class CustomerPresenter {
  constructor(
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    private readonly reader: CustomerReader,
  ) {}

  async page(who: Caller, rows: CustomerRow[], db?: Queries): Promise<Masked[]> {
    if (!rows.length) return []
    const ids = rows.map((row) => row.id)
    const tags = await this.reader.tagsOf(who, ids, db)
    const names = await this.reader.namesOf([...new Set(rows.map((row) => row.owner))], db)
    return Promise.all(rows.map((row) => this.masked(who, row, tags.get(row.id) ?? [], names.get(row.owner) ?? '')))
  }

  async detail(who: Caller, found: CustomerInDetail): Promise<z.output<typeof CustomerDetail>> {
    const { customer, ownerName, positions, photos, consents } = found
    const tags = found.tags.map((tag, at) => ({ tag, position: positions[at]! }))
    return {
      ...(await this.masked(who, customer, tags, ownerName)),
      photos: gets(who, 'photos') ? photos.map(presentPhoto) : undefined,
      consents: gets(who, 'consents') ? consents.map(presentConsent) : undefined,
      may: aboutCustomers.filter((permission) => may(who, permission, customer)),
    }
  }

  private async masked(who: Caller, row: CustomerRow, tags: { tag: Buffer; position: number }[], ownerName: string) {
    const key = await CustomerKey.open(this.keys, row)
    const shown = (field: Field): string | undefined => {
      const sealed = row[columnOf[field]]
      return sealed === null || !gets(who, field) ? undefined : mask(field, key.open(sealed, field))
    }
    return {
      id: row.id,
      name: shown('name') ?? '',
      id_number: shown('id_number'),
      phone: shown('phone'),
      email: shown('email'),
      address: shown('address'),
      account_number: shown('account_number'),
      business_type: row.businessType as Masked['business_type'],
      tags: gets(who, 'tags') ? tags.map(({ tag, position }) => key.open(tag, 'tag', String(position))) : undefined,
      owner: row.owner,
      owner_name: ownerName,
      team: row.team,
      branch: row.branch,
      created_at: row.createdAt.toISOString(),
      mine: row.owner === who.id,
    }
  }
}

const gets = (who: Caller, field: CustomerField): boolean => levelOf(who, field) !== 'absent'

export const presentPhoto = (row: PhotoRow | Omit<PhotoRow, 'createdAt'>): z.output<typeof PhotoInfo> => ({
  id: row.id,
  kind: row.kind,
  content_type: row.contentType,
  bytes: row.bytes,
  width: row.width,
  height: row.height,
  captured_at: row.capturedAt.toISOString(),
})
