import { randomUUID } from 'node:crypto'
import type { BodyInput, Routes } from '@custodia/contracts'
import sharp from 'sharp'
import { aCustomer } from '../vault/testing/requests.js'
import type { Call, TestClient } from './client.js'

export interface KeptCustomer {
  id: string
  photo: string
  consent: string
}

/** A small drawn picture; `seed` makes another one. */
export const aPicture = (seed = 0, width = 320, height = 200): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: seed % 256, g: 120, b: (seed * 7) % 256 } } })
    .jpeg()
    .toBuffer()

/** The form of an upload: the fields, then the part `file`. */
export function uploadOf(
  file: Buffer,
  fields: Record<string, string> = { kind: 'id_front' },
): Pick<Call<'photoUpload'>, 'payload'> {
  const boundary = randomUUID()
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(parts.join('') + head), file, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { payload: { bytes, contentType: `multipart/form-data; boundary=${boundary}` } }
}

/** A customer with consent and one photo, through the gateway, owned by whoever this client is. */
export async function newCustomer(
  client: TestClient,
  { over, picture }: { over?: Partial<BodyInput<Routes['customerCreate']>>; picture?: Buffer } = {},
): Promise<KeptCustomer> {
  const { id, consents } = await client.ok('customerCreate', { body: aCustomer(over) })
  const photo = await client.ok('photoUpload', { params: { id }, ...uploadOf(picture ?? (await aPicture())) })
  return { id, photo: photo.id, consent: consents?.[0]?.id ?? '' }
}
