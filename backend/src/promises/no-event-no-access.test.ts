import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { routes, type AccessEvent, type RouteName, type Verdict } from '@custodia/contracts'
import { readLog, verifyWriterChains } from '@custodia/streams/integrity'
import type { Answer, Call, TestClient } from '../testing/client.js'
import { aPicture, newCustomer, type KeptCustomer } from '../testing/customers.js'
import { FaultyLog, type Fault } from '../testing/faulty-log.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proofFor } from '../testing/proof.js'

const secret = { name: '欧阳不可见', phone: '13987654321', address: '不可见路七号' }

describe('without an event there is no access', () => {
  let gateway: TestGateway
  let log: FaultyLog
  let clerk: TestClient
  let auditor: TestClient
  let customer: KeptCustomer
  let picture: Buffer

  beforeAll(async () => {
    gateway = await startTestGateway({
      env: { CUSTODIA_APPEND_TIMEOUT_MS: '500', CUSTODIA_HOLD_TIMEOUT_MS: '30000' },
      eventLog: (real) => (log = new FaultyLog(real)),
    })
    clerk = await gateway.signedIn('staff')
    auditor = await gateway.signedIn('auditor')
    picture = await aPicture(9)
    customer = await newCustomer(clerk, { over: secret, picture })
  })
  afterEach(() => {
    log.fault = undefined
  })
  afterAll(() => gateway?.stop())

  /** Everything a clerk can read of a customer. */
  const reads = (): [RouteName, Call<'me'>][] => {
    const ofCustomer = { params: { id: customer.id } }
    const ofPhoto = { params: { id: customer.photo }, query: { purpose: 'contract' } }
    const purpose = 'contract'
    return [
      ['customersSearch', { query: { q: secret.name } }],
      ['customerView', ofCustomer],
      ['transactions', ofCustomer],
      ['photoThumbnail', { params: { id: customer.photo } }],
      ['photoView', ofPhoto],
      ['photoDownload', ofPhoto],
      ['customerReveal', { ...ofCustomer, body: { purpose, fields: ['name', 'phone', 'address'] } as never }],
      ['customerExport', { body: { purpose, customer_ids: [customer.id], fields: ['name', 'phone'] } as never }],
    ]
  }
  const readAll = async (which = reads()) => {
    const headers = await proofOfExport()
    return Promise.all(
      which.map(async ([name, call]) => [name, await clerk.call(name as 'me', { ...call, headers })] as const),
    )
  }
  /** What an export wants beside: given while the log was well. */
  const proofOfExport = async () => {
    const { fault } = log
    log.fault = undefined
    const call = Object.fromEntries(reads())['customerExport']
    const headers = await proofFor(gateway, clerk, 'customerExport', call as never)
    log.fault = fault
    return headers
  }
  /** A refusal and its headers, and not a byte of what was asked for. */
  const expectNothing = (name: RouteName, answer: Answer<RouteName>, code: string) => {
    expect([name, answer.status, answer.body.code]).toEqual([name, 503, code])
    expect(String(answer.headers['content-type'])).toContain('application/problem+json')
    expect(answer.headers['retry-after']).toBeDefined()
    const said = answer.bytes.toString('latin1') + JSON.stringify(answer.headers)
    for (const word of [...Object.values(secret), '欧', customer.id, picture.subarray(0, 200).toString('latin1')])
      expect(said).not.toContain(word)
  }

  it('serves every one of these while the log is well', async () => {
    for (const [name, { status, eventId }] of await readAll())
      expect([name, status, Boolean(eventId)]).toEqual([name, 200, true])
  })

  describe.each<Fault>(['refuses', 'fails', 'loses the answer', 'hangs'])('while the log %s', (fault) => {
    it('no byte of a record is served, and the caller hears 503 with a code', async () => {
      log.fault = fault
      for (const [name, answer] of await readAll()) expectNothing(name, answer, 'event_log_unavailable')
    })

    it('nothing is changed either', async () => {
      log.fault = fault
      const create = await clerk.call('consentRecord', {
        params: { id: customer.id },
        body: {
          given_at: '2026-03-10T02:00:00.000Z',
          information_types: ['face'],
          purposes: ['complaint'],
          way: 'paper',
        },
      })
      expect(create.body.code).toBe('event_log_unavailable')
      const gone = await clerk.call('consentWithdraw', { params: { id: customer.consent } })
      expect(gone.body.code).toBe('event_log_unavailable')
      log.fault = undefined
      const { consents } = await clerk.ok('customerView', { params: { id: customer.id } })
      expect(consents?.map(({ id, withdrawn_at }) => [id, withdrawn_at])).toEqual([[customer.consent, undefined]])
    })

    it('a refusal that cannot be written down is not told as a refusal', async () => {
      log.fault = fault
      const answer = await auditor.call('customerView', { params: { id: customer.id } })
      expect([answer.status, answer.body.code]).toEqual([503, 'event_log_unavailable'])
    })

    it('the sign-in page, health and the state of the setup are still answered, and nobody gets in', async () => {
      log.fault = fault
      for (const url of ['/', '/sign-in', '/healthz', '/api/v1/setup', '/api/docs']) {
        const reply = await gateway.app.inject({ url, headers: { host: 'localhost:8080', accept: 'text/html' } })
        // Without a build of the dashboard its one page says so.
        expect([url, reply.statusCode === 200 || reply.body.includes('not built')]).toEqual([url, true])
      }
      const ready = await gateway.app.inject({ url: '/readyz' })
      const { parts } = ready.json<{ parts: { part: string; ok: boolean }[] }>()
      expect([ready.statusCode, parts.filter((part) => !part.ok).map(({ part }) => part)]).toEqual([503, ['event log']])
      const me = await clerk.call('me')
      expect(me.status).toBe(200)
      const person = await gateway.person('staff')
      const stranger = gateway.stranger(person)
      const body = { username: person.account.username, password: person.password }
      expect((await stranger.call('signInPassword', { body })).body.code).toBe('event_log_unavailable')
      expect(stranger.cookieHeader()).not.toContain('__Host-custodia=')
    })

    it('service resumes by itself', async () => {
      log.fault = fault
      await clerk.call('customerView', { params: { id: customer.id } })
      log.fault = undefined
      for (const [name, { status, body }] of await readAll())
        expect([name, status, body.code]).toEqual([name, 200, undefined])
    })
  })

  it('many callers at once are all told within the same bound, and none is stuck afterwards', async () => {
    log.fault = 'hangs'
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => clerk.call('customerView', { params: { id: customer.id } })),
    )
    for (const answer of answers) expectNothing('customerView', answer, 'event_log_unavailable')
    log.fault = undefined
    expect((await clerk.call('customerView', { params: { id: customer.id } })).status).toBe(200)
  })

  it('leaves whole chains: a writer whose append had an unknown outcome was followed by a new one', async () => {
    const values: Buffer[] = []
    for await (const record of readLog(gateway.logDir, 'access-events')) values.push(Buffer.from(record.value))
    const { problems, writers } = await verifyWriterChains(values)
    expect(problems).toEqual([])
    expect(writers.size).toBeGreaterThan(1)
  })

  it('a held access without a verdict is not served, and is known as expired', async () => {
    await gateway.detection.stop()
    const answers = await readAll(reads().filter(([name]) => 'held' in routes[name]))
    expect(answers).toHaveLength(4)
    for (const [name, answer] of answers) expectNothing(name, answer, 'verdict_missing')
    const ids = answers.map(([, answer]) => answer.eventId)
    const verdicts: Verdict[] = []
    for await (const { value } of readLog(gateway.logDir, 'verdicts'))
      verdicts.push(JSON.parse(value.toString()) as Verdict)
    expect(ids.map((id) => verdicts.filter((v) => v.event_id === id).map((v) => v.verdict))).toEqual(
      ids.map(() => ['expired']),
    )
    await gateway.settled()
    const rows = await gateway.audit.query<Pick<AccessEvent, 'id'> & { final_outcome: string }>(
      'select id, final_outcome from accesses where id in {ids:Array(String)}',
      { ids },
    )
    expect(rows.map((row) => row.final_outcome)).toEqual(['expired', 'expired', 'expired', 'expired'])
    expect(rows.map((row) => row.id).sort()).toEqual([...ids].sort())
    // What needs no verdict goes on, and with detection the rest does too.
    expect((await clerk.call('customerView', { params: { id: customer.id } })).status).toBe(200)
    await gateway.detection.start()
    for (const [name, { status, body }] of await readAll())
      expect([name, status, body.code]).toEqual([name, 200, undefined])
  })
})
