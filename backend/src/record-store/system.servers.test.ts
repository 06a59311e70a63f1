import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, type PostgresServer } from '../../../deploy/servers/postgres.mjs'
import { startS3, type S3Server } from '../../../deploy/servers/s3.mjs'
import { racesContract } from '../promises/races.contract.js'
import type { TestClient } from '../testing/client.js'
import { aPicture, newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

describe('the whole gateway on the PostgreSQL of Debian and on S3', () => {
  let s3: S3Server
  let gateway: TestGateway
  let clerk: TestClient
  let customer: KeptCustomer
  const look = () => clerk.call('photoView', { params: { id: customer.photo }, query: { purpose: 'identity_check' } })

  beforeAll(async () => {
    s3 = await startS3()
    await postgres.createDatabase('gateway_test')
    gateway = await startTestGateway({
      env: {
        CUSTODIA_POSTGRES_URL: postgres.securedUrlOf('gateway_test'),
        CUSTODIA_S3_BUCKET: s3.bucket,
        CUSTODIA_S3_ENDPOINT: s3.endpoint,
        CUSTODIA_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
        CUSTODIA_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
        CUSTODIA_S3_TIMEOUT_MS: '1000',
      },
    })
    clerk = await gateway.signedIn('staff')
    customer = await newCustomer(clerk, { picture: await aPicture(7) })
  })
  afterAll(async () => {
    await gateway?.stop()
    await s3?.stop()
  })

  it('keeps customers and photos, and shows them', async () => {
    const photo = await look()
    expect({ status: photo.status, type: photo.headers['content-type'] }).toEqual({ status: 200, type: 'image/jpeg' })
    expect((await clerk.ok('customerView', { params: { id: customer.id } })).id).toBe(customer.id)
  })

  it('says that photos are not available while S3 is gone or swallows everything, and writes that down', async () => {
    for (const [down, up] of [
      [() => s3.kill(), () => s3.start()],
      [() => s3.freeze(), async () => s3.thaw()],
    ] as const) {
      await down()
      const refused = await look()
      await up()
      expect({ status: refused.status, code: refused.body.code }).toEqual({
        status: 503,
        code: 'photo_store_unavailable',
      })
      expect(refused.headers['retry-after']).toBe('1')
      expect(refused.eventId).toBeDefined()
      expect((await look()).status).toBe(200)
    }
  })

  it('does not show a photo that was altered in the bucket', async () => {
    const other = await newCustomer(clerk)
    const [photo] = await gateway.records.db.query.photos.findMany({ where: (row, { eq }) => eq(row.id, other.photo) })
    await s3.alter(photo!.objectKey)
    const answer = await clerk.call('photoView', { params: { id: other.photo }, query: { purpose: 'identity_check' } })
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 500, code: 'internal' })
  })

  it('says that records are not available while PostgreSQL is gone, and goes on by itself', async () => {
    await postgres.kill()
    const refused = await clerk.call('customerView', { params: { id: customer.id } })
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 503,
      code: 'record_store_unavailable',
    })
    await postgres.start()
    expect((await clerk.call('customerView', { params: { id: customer.id } })).status).toBe(200)
  })
})

describe('races on the PostgreSQL of Debian', () =>
  racesContract(async () =>
    startTestGateway({ env: { CUSTODIA_POSTGRES_URL: await postgres.createDatabase('races_test') } }),
  ))
