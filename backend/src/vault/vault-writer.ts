import {
  type BusinessType,
  type ConsentInput,
  type CustomerInput,
  isIdNumber,
  normaliseIdNumber,
} from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import { ProblemError } from '../gateway/problem.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { consents, customers, customerTags, photos } from '../record-store/schema.js'
import { consentRow } from './consent/consent-row.js'
import { CustomerKey } from './customer-key.js'
import { seal } from './keys/envelope.js'
import type { KeyProvider } from './keys/key-provider.js'
import { columnOf, type CustomerRow, type Field, type Kind } from './personal-data.js'
import type { CheckedPhoto } from './photos/check-photo.js'
import { photoPlace, photoKeys } from './photos/photo-place.js'
import { removeObjectsWithRows } from './photos/photo-removals.js'
import { CustomerIndex } from './search/customer-index.js'
import { SearchTokens } from './search/tokens.js'

type Input = z.output<typeof CustomerInput>
export type CustomerChanges = Partial<Input>
export interface NewCustomer extends Input {
  consent: z.output<typeof ConsentInput> & {
    /** what tells of it, where it was not given in front of us, e.g. a contract's clause */
    source?: string
  }
}
/** Whose customer it will be. */
export interface Owner {
  id: string
  team: string
  branch: string
  demo?: boolean
}
export interface NewPhoto {
  /** absent: a new one; given: the giver takes care of objects without a row, see removeObjectsOf */
  id?: string
  customerId: string
  kind: Kind
  capturedAt: Date
  createdBy: string
  photo: CheckedPhoto
}
export interface PhotoRecord {
  id: string
  customerId: string
  kind: Kind
  contentType: CheckedPhoto['contentType']
  bytes: number
  width: number
  height: number
  capturedAt: Date
  objectKey: string
  thumbnailKey: string
  createdBy: string
}
/** For those who bring in customers that exist already. */
export interface CreateOptions {
  createdAt?: Date
  /** absent: a new one */
  id?: string
  /** the import that brings them in */
  importId?: string
  /** kept with the customer, all or nothing */
  photos?: Omit<NewPhoto, 'customerId'>[]
}
/** Runs last in the transaction, e.g. to write the event down: when it fails, nothing was changed. */
export type Finally<Made, Result> = (tx: Queries, made: Made) => Promise<Result>

const personal = Object.keys(columnOf) as Field[]

/**
 * Everything that is written into the vault is sealed here, and its search tokens kept in step. It asks nobody's
 * permission and writes no events: that is its callers' work, the gateway's rooms and the loader of demo data.
 */
export class VaultWriter {
  private readonly index: CustomerIndex

  constructor(
    private readonly store: RecordStore,
    private readonly photos: PhotoStore,
    private readonly keys: KeyProvider,
  ) {
    this.index = new CustomerIndex(new SearchTokens(keys.hmacKey('search-index')))
  }

  /** Throws `invalid_id_number`, or `conflict` when the branch has a customer with this number. */
  async createCustomer<Result>(
    input: NewCustomer,
    owner: Owner,
    last: Finally<CustomerRow, Result>,
    { createdAt = new Date(), id = uuidv7(), importId, photos: given = [] }: CreateOptions = {},
  ): Promise<Result> {
    const values = { ...input, id_number: validIdNumber(input.id_number, createdAt) }
    const key = await CustomerKey.make(this.keys, id)
    const sealed = sealFields(key, values)
    return this.withObjects(
      given.map((photo) => ({ ...photo, customerId: id })),
      async (tx, photoRows) => {
        await this.index.requireNew(tx, owner.branch, values.id_number)
        const [row] = await tx
          .insert(customers)
          .values({
            id,
            dataKey: key.wrapped,
            name: sealed.name!,
            idNumber: sealed.idNumber!,
            ...sealed,
            businessType: input.business_type,
            owner: owner.id,
            team: owner.team,
            branch: owner.branch,
            demo: owner.demo ?? false,
            importId: importId ?? null,
            createdAt,
            updatedAt: createdAt,
          })
          .returning()
        await this.putTags(tx, key, id, input.tags)
        await this.index.put(tx, id, values)
        await tx.insert(consents).values(consentRow(uuidv7(), id, input.consent, owner.id))
        if (photoRows.length) await tx.insert(photos).values(photoRows)
        return last(tx, row!)
      },
    )
  }

  /** Seals what is changed anew, in the given transaction, which holds the row. */
  async updateCustomer(tx: Queries, row: CustomerRow, changes: CustomerChanges, now: Date): Promise<CustomerRow> {
    const values = { ...changes }
    if (values.id_number !== undefined) {
      values.id_number = validIdNumber(values.id_number, now)
      await this.index.requireNew(tx, row.branch, values.id_number, row.id)
    }
    const key = await CustomerKey.open(this.keys, row)
    const businessType: z.output<typeof BusinessType> | undefined = values.business_type
    const [changed] = await tx
      .update(customers)
      .set({ ...sealFields(key, values), ...(businessType ? { businessType } : {}), updatedAt: now })
      .where(eq(customers.id, row.id))
      .returning()
    await this.index.replace(tx, row.id, values)
    if (values.tags !== undefined) {
      await tx.delete(customerTags).where(eq(customerTags.customerId, row.id))
      await this.putTags(tx, key, row.id, values.tags)
    }
    return changed!
  }

  async addPhoto<Result>(input: NewPhoto, last: Finally<PhotoRecord, Result>): Promise<Result> {
    try {
      return await this.withObjects([input], async (tx, [row]) => {
        await tx.insert(photos).values(row!)
        return last(tx, row!)
      })
    } catch (error) {
      throw isForeignKeyViolation(error) ? new ProblemError('not_found', {}, { cause: error }) : error
    }
  }

  /** Customers of a branch that have one of these ID numbers, by the number. */
  existing(branch: string, idNumbers: readonly string[]) {
    return this.index.withIdNumbers(this.store.db, branch, idNumbers)
  }

  /** Takes away what an addition left behind that ended before its rows were there. */
  async removeObjectsOf(photoIds: readonly string[]): Promise<void> {
    await this.removeObjects(photoIds.map(photoKeys))
  }

  /**
   * Objects first, the rows after: a row never promises a photo that is not there. What failed before the commit leaves
   * no object behind; whether a commit without an answer happened is unknown, so then they stay, sealed. So do those whose
   * ids were given: whoever chose the ids may be repeating what was committed already.
   */
  private async withObjects<Result>(given: NewPhoto[], work: Finally<PhotoRecord[], Result>): Promise<Result> {
    const sealed = given.map((photo) => this.recordOf(photo))
    let mayBeCommitted = false
    try {
      for (const [at, row] of sealed.entries()) await this.putObjects(row, given[at]!.photo)
      return await this.store.db.transaction(async (tx) => {
        const result = await work(tx, sealed)
        mayBeCommitted = true
        return result
      })
    } catch (error) {
      // Nobody will ever ask for them. What failed first is the answer, also when this fails too.
      if (!mayBeCommitted && given.every(({ id }) => id === undefined))
        await this.removeObjects(sealed).catch(() => undefined)
      throw error
    }
  }

  private recordOf({ photo, id = uuidv7(), ...facts }: NewPhoto): PhotoRecord {
    const { contentType, width, height } = photo
    return { id, ...facts, contentType, width, height, bytes: photo.bytes.length, ...photoKeys(id) }
  }

  private async putObjects({ id, objectKey, thumbnailKey }: PhotoRecord, photo: CheckedPhoto): Promise<void> {
    await this.photos.put(objectKey, await seal(this.keys, photo.bytes, photoPlace(id, 'original')))
    await this.photos.put(thumbnailKey, await seal(this.keys, photo.thumbnail, photoPlace(id, 'thumbnail')))
  }

  /**
   * Deletes a customer with everything of theirs. Objects go while the rows still tell where they are: a crash midway
   * leaves a customer to be deleted again, never a photo that nobody remembers.
   */
  async deleteCustomer(tx: Queries, customerId: string, writeDown: () => Promise<unknown>): Promise<void> {
    const objects = await tx
      .delete(photos)
      .where(eq(photos.customerId, customerId))
      .returning({ objectKey: photos.objectKey, thumbnailKey: photos.thumbnailKey })
    await tx.delete(customers).where(eq(customers.id, customerId))
    await writeDown()
    const keys = objects.flatMap(({ objectKey, thumbnailKey }) => [objectKey, thumbnailKey])
    await removeObjectsWithRows(tx, this.photos, keys)
  }

  /** Of photos that never had a row, or not yet. */
  private async removeObjects(rows: { objectKey: string; thumbnailKey: string }[]): Promise<void> {
    for (const { objectKey, thumbnailKey } of rows) {
      await this.photos.delete(objectKey)
      await this.photos.delete(thumbnailKey)
    }
  }

  private async putTags(tx: Queries, key: CustomerKey, customerId: string, tags: string[]): Promise<void> {
    const rows = [...new Set(tags)].map((tag, position) => ({
      customerId,
      position,
      tag: key.seal(tag, 'tag', String(position)),
    }))
    if (rows.length) await tx.insert(customerTags).values(rows)
  }
}

/** The columns of the fields that are given, sealed. */
function sealFields(key: CustomerKey, values: Partial<Record<Field, string>>) {
  const columns: Partial<Record<(typeof columnOf)[Field], Buffer>> = {}
  for (const field of personal) {
    const value = values[field]
    if (value !== undefined) columns[columnOf[field]] = key.seal(value, field)
  }
  return columns
}

function validIdNumber(given: string, today: Date): string {
  const idNumber = normaliseIdNumber(given)
  if (!isIdNumber(idNumber, today)) throw new ProblemError('invalid_id_number')
  return idNumber
}

const isForeignKeyViolation = (error: unknown): boolean =>
  ((error as { cause?: { code?: unknown } } | null)?.cause?.code ?? (error as { code?: unknown } | null)?.code) ===
  '23503'
