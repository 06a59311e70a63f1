import { randomBytes } from 'node:crypto'
import type { RouteName, StepUpDetail } from '@custodia/contracts'
import type { Answer, Call, TestClient } from '../../../backend/src/testing/client.js'
import sharp from 'sharp'
import { newCustomer, uploadOf, type KeptCustomer } from '../../../backend/src/testing/customers.js'
import type { FaultWorld } from './world.js'

/** One answer to one protected route. */
export interface Seen {
  route: RouteName
  /** ms from asking to the last byte */
  took: number
  /** absent where the connection ended without a whole answer */
  answer?: Answer<RouteName>
}

/** What must not be in an answer that was not written down. */
const secret = { name: '欧阳不可见', phone: '13987654321', address: '不可见路七号' }
const purpose = 'contract'

/** A picture like no other, and large for its size. */
const noise = (width: number, height: number): Promise<Buffer> =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()

/** Asked of ClickHouse; everything else does without. */
export const auditRoutes: readonly RouteName[] = ['events', 'customerAccesses']

/** A customer, and every way to get at something of theirs or at what was done with it. */
export class ProtectedRoutes {
  private constructor(
    private readonly clerk: TestClient,
    private readonly auditor: TestClient,
    private readonly prove: FaultWorld['prove'],
    private readonly customer: KeptCustomer,
    private readonly picture: Buffer,
    private readonly upload: Buffer,
  ) {}

  static async prepare(world: FaultWorld): Promise<ProtectedRoutes> {
    const [clerk, auditor] = [await world.signedIn('staff'), await world.signedIn('auditor')]
    const customer = await newCustomer(clerk, { over: secret, picture: await noise(320, 200) })
    const { bytes } = await clerk.call('photoView', { params: { id: customer.photo }, query: { purpose } })
    return new ProtectedRoutes(clerk, auditor, world.prove, customer, bytes, await noise(2600, 2000))
  }

  /** All of them, at the same time. */
  askAll(): Promise<Seen[]> {
    return Promise.all(this.calls().map(([route, call]) => this.ask(route, call)))
  }

  /** Whether any of what is protected is in an answer. */
  leaks({ answer }: Seen): boolean {
    if (!answer) return false
    const said = answer.bytes.toString('latin1') + answer.bytes.toString() + JSON.stringify(answer.headers)
    const words = [...Object.values(secret), this.customer.id, this.picture.subarray(-200).toString('latin1')]
    return words.some((word) => said.includes(word))
  }

  /** Photos that the customer has now. */
  async photos(): Promise<string[]> {
    const { photos } = await this.clerk.ok('customerView', { params: { id: this.customer.id } })
    return (photos ?? []).map(({ id }) => id)
  }

  get photo(): string {
    return this.customer.photo
  }

  private calls(): [RouteName, Call<RouteName>][] {
    const ofCustomer = { params: { id: this.customer.id } }
    const ofPhoto = { params: { id: this.customer.photo }, query: { purpose } }
    return [
      ['customersSearch', { query: { q: secret.name } }],
      ['customerView', ofCustomer],
      ['transactions', ofCustomer],
      ['photoThumbnail', { params: { id: this.customer.photo } }],
      ['photoView', ofPhoto],
      ['photoDownload', ofPhoto],
      ['customerReveal', { ...ofCustomer, body: { purpose, fields: ['name', 'phone', 'address'] } }],
      ['customerExport', { body: { purpose, customer_ids: [this.customer.id], fields: ['name', 'phone'] } }],
      ['events', { query: {} }],
      ['customerAccesses', ofCustomer],
      ['photoUpload', { ...ofCustomer, ...uploadOf(this.upload, { kind: 'document' }) }],
    ] as [RouteName, Call<RouteName>][]
  }

  private async ask(route: RouteName, call: Call<RouteName>): Promise<Seen> {
    const who = auditRoutes.includes(route) ? this.auditor : this.clerk
    const timed = async (headers?: Record<string, string>): Promise<Seen> => {
      const began = performance.now()
      const answer = await who.call(route, { ...call, headers }).catch(() => undefined)
      return { route, took: performance.now() - began, answer }
    }
    const seen = await timed()
    const { code, step_up } = (seen.answer?.body ?? {}) as { code?: string; step_up?: StepUpDetail }
    if (code !== 'step_up_required' || !step_up) return seen
    await this.prove(step_up.id).catch(() => undefined) // PostgreSQL may have gone meanwhile: the answer says so
    return timed({ 'custodia-step-up': step_up.id })
  }
}
