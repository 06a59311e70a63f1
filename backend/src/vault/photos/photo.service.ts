import { Inject, Injectable } from '@nestjs/common'
import { informationOfPhoto, type PhotoInfo } from '@custodia/contracts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { KEY_PROVIDER, PHOTO_STORE } from '../../adapters.js'
import type { Access } from '../../gateway/access.js'
import { ProblemError } from '../../gateway/problem.js'
import { bytesOf, PhotoNotFound, type PhotoStore } from '../../photo-store/photo-store.js'
import { ConsentService } from '../consent/consent.service.js'
import { requirePurpose } from '../consent/covers.js'
import { open } from '../keys/envelope.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { presentPhoto } from '../records/customer-presenter.js'
import { CustomerReader, type PhotoRow } from '../records/customer-reader.js'
import { Standing } from '../standing.js'
import { VaultWriter } from '../vault-writer.js'
import { checkPhoto } from './check-photo.js'
import { photoPlace, type Rendition } from './photo-place.js'
import { readUpload } from './upload-form.js'

export const thumbnailType = 'image/webp'

export interface FullPhoto {
  photo: PhotoRow
  bytes: Buffer
  contentType: PhotoRow['contentType']
}

/** Photos in and out. What is shown was decrypted before the event and its verdict: after them, only sending is left. */
@Injectable()
export class PhotoService {
  constructor(
    @Inject(PHOTO_STORE) private readonly store: PhotoStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    private readonly reader: CustomerReader,
    private readonly consents: ConsentService,
    private readonly writer: VaultWriter,
    private readonly standing: Standing,
  ) {}

  async upload(access: Access, customerId: string, request: FastifyRequest): Promise<z.output<typeof PhotoInfo>> {
    access.about({ customer_id: customerId })
    access.require(await this.reader.load(access.who, customerId))
    const { kind, capturedAt, bytes } = await readUpload(request, new Date())
    access.about({ fields: [kind] })
    await this.consents.require(access.who, [customerId], [informationOfPhoto[kind]])
    const photo = await checkPhoto(bytes)
    return this.writer.addPhoto({ customerId, kind, capturedAt, createdBy: access.who.id, photo }, async (tx, row) => {
      await this.standing.require(access.who, tx)
      await access.grant({ record_id: row.id, bytes: row.bytes, count: 1 })
      return presentPhoto(row)
    })
  }

  /**
   * A photo at full size, to look at or to keep: the same checks, told apart by the route's permission and event. Whoever
   * is masked gets the blurred one in its place.
   */
  async full(access: Access, id: string, purpose: string | undefined): Promise<FullPhoto> {
    const { photo, consents } = await this.loadAllowed(access, id)
    const stated = requirePurpose(purpose)
    access.about({ purpose: stated, fields: [photo.kind] })
    await this.consents.requireAmong(consents, access.who, [informationOfPhoto[photo.kind]], stated)
    const { masked } = access.who
    const bytes = await this.decrypt(photo, masked ? 'thumbnail' : 'original')
    await this.standing.hold(access, { bytes: bytes.length, count: 1, reason: masked ? 'masked' : undefined })
    return { photo, bytes, contentType: masked ? thumbnailType : photo.contentType }
  }

  async thumbnail(access: Access, id: string): Promise<Buffer> {
    const { photo } = await this.loadAllowed(access, id)
    const bytes = await this.decrypt(photo, 'thumbnail')
    await access.grant({ bytes: bytes.length })
    return bytes
  }

  private async loadAllowed(access: Access, id: string) {
    access.about({ record_id: id })
    const found = await this.reader.arrivedAtPhoto(access)
    access.about({ customer_id: found.customer.id })
    access.require({ ...found.customer, relation: found.relation })
    return found
  }

  private async decrypt(photo: PhotoRow, rendition: Rendition): Promise<Buffer> {
    const key = rendition === 'original' ? photo.objectKey : photo.thumbnailKey
    try {
      const { stream } = await this.store.get(key)
      return await open(this.keys, await bytesOf(stream), photoPlace(photo.id, rendition))
    } catch (error) {
      // Deleted since its row was read.
      throw error instanceof PhotoNotFound ? new ProblemError('not_found', {}, { cause: error }) : error
    }
  }
}
