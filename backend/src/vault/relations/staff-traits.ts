import { and, eq, inArray } from 'drizzle-orm'
import { Inject, Injectable } from '@nestjs/common'
import { KEY_PROVIDER } from '../../adapters.js'
import type { Queries } from '../../record-store/record-store.js'
import { staffTraits } from '../../record-store/schema.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { normalise, normalisePhone, SearchTokens, type SearchToken } from '../search/tokens.js'
import { surnameOf } from './surname.js'

/** What is told of a member of staff, in the clear. What is absent stays as it was; an empty list or text ends it. */
export interface GivenTraits {
  /** the display name: of it the family name alone is compared */
  name?: string
  id_number?: string
  phones?: readonly string[]
  addresses?: readonly string[]
}
type Field = (typeof staffTraits.$inferSelect)['field']

/** Fewer digits are an extension within the house. */
const shortestPhone = 7

/** Hashed on entry, and nowhere else: what was given is neither kept nor logged. */
@Injectable()
export class StaffTraits {
  private readonly tokens: SearchTokens

  constructor(@Inject(KEY_PROVIDER) keys: KeyProvider) {
    this.tokens = new SearchTokens(keys.hmacKey('search-index'))
  }

  /** Takes the place of what was there of each field that is given; the names of those fields, for the event. */
  async put(tx: Queries, accountId: string, given: GivenTraits): Promise<Field[]> {
    const told: [Field, SearchToken[]][] = []
    if (given.name !== undefined) told.push(['name', this.ofName(given.name)])
    if (given.id_number !== undefined) told.push(['id_number', this.ofIdNumber(given.id_number)])
    if (given.phones) told.push(['phone', given.phones.flatMap((phone) => this.ofPhone(phone))])
    if (given.addresses) told.push(['address', given.addresses.flatMap((address) => this.tokens.ofAddress(address))])
    const fields = told.map(([field]) => field)
    if (!fields.length) return []
    await tx.delete(staffTraits).where(and(eq(staffTraits.accountId, accountId), inArray(staffTraits.field, fields)))
    const rows = told.flatMap(([field, tokens]) => tokens.map(({ token }) => ({ accountId, field, token })))
    if (rows.length) await tx.insert(staffTraits).values(rows).onConflictDoNothing()
    return fields
  }

  private ofName(name: string): SearchToken[] {
    const surname = surnameOf(name)
    return surname ? [{ field: 'name', token: this.tokens.token('name', 'begins', normalise(surname)) }] : []
  }

  private ofIdNumber(number: string): SearchToken[] {
    const plain = normalise(number)
    return plain ? [{ field: 'id_number', token: this.tokens.token('id_number', 'whole', plain) }] : []
  }

  private ofPhone(phone: string): SearchToken[] {
    const plain = normalisePhone(phone)
    return plain.length < shortestPhone ? [] : [{ field: 'phone', token: this.tokens.token('phone', 'whole', plain) }]
  }
}
