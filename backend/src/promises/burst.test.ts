import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { and, eq } from 'drizzle-orm'
import { freezes } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { putIntoForce } from '../testing/rule-in-force.js'
import { until } from '../testing/settled.js'

const purpose = 'identity_check'
const inParallel = 64
const rounds = 24
const roundsPerLimit = 8
/** below every limit of the shipped rules */
const largest = 20
const file = 'loaded-while-running.yml'

/** Nobody but the engine can know the limit: it is drawn, and the rule is put into force, while everything runs. */
const ruleWith = (limit: number): string => `title: Many customers opened
name: loaded-while-running-base
logsource: { product: custodia, category: access }
detection:
  opened: { action: [photo_view, reveal], outcome: allowed }
  condition: opened
---
title: Too many customers opened
name: loaded-while-running
correlation:
  type: value_count
  rules: [loaded-while-running-base]
  group-by: [actor]
  timespan: 10m
  condition: { field: customer_id, gt: ${limit} }
level: medium
custodia:
  respond: [alert, freeze: 1h]
  hold: true
`

describe(`${inParallel} accesses of one account at once, which freeze it`, () => {
  let gateway: TestGateway
  let auditor: TestClient
  let two: readonly [TestClient, TestClient]
  const customers: KeptCustomer[] = []

  beforeAll(async () => {
    gateway = await startTestGateway({
      env: {
        CUSTODIA_HOLD_TIMEOUT_MS: '10000',
        CUSTODIA_FREEZES_PER_RULE: '1000',
        CUSTODIA_FREEZES_SHARE: '100',
        CUSTODIA_RULE_ALERTS: '10000',
        CUSTODIA_RULE_FROZEN: '10000',
      },
    })
    auditor = await gateway.signedIn('auditor')
    two = [await gateway.signedIn('analyst'), await gateway.signedIn('admin')]
    const clerk = await gateway.signedIn('staff')
    for (let n = 0; n < inParallel; n++) customers.push(await newCustomer(clerk))
  })
  afterAll(() => gateway?.stop())

  const inForce = async (limit: number): Promise<boolean> => {
    const { rules, effective_from } = await auditor.ok('rules')
    const found = rules.find(({ name }) => name === 'loaded-while-running')
    return found?.limit === limit && Date.parse(effective_from) <= Date.now()
  }

  const view = (who: TestClient, { photo }: KeptCustomer) =>
    who.call('photoView', { params: { id: photo }, query: { purpose } })
  const reveal = (who: TestClient, { id }: KeptCustomer) =>
    who.call('customerReveal', { params: { id }, body: { fields: ['name'], purpose } })

  it.each(Array.from({ length: rounds / roundsPerLimit }, () => randomInt(1, largest)))(
    `serves exactly N, ${roundsPerLimit} times (N = %i)`,
    async (limit) => {
      await putIntoForce(gateway, two, { file, yaml: ruleWith(limit) })
      await until(() => inForce(limit))
      for (let round = 0; round < roundsPerLimit; round++) {
        const manager = await gateway.signedIn('manager')
        const look = round % 4 ? reveal : view
        const answers = await Promise.all(customers.map((customer) => look(manager, customer)))
        const served = answers.filter(({ status }) => status === 200)
        expect(served).toHaveLength(limit)
        for (const { bytes } of served) expect(bytes.length).toBeGreaterThan(0)
        for (const { status, body } of answers)
          if (status !== 200) expect(['limit_reached', 'account_frozen']).toContain(body.code)
        const frozen = await until(() => freezeOf(manager.accountId))
        expect(frozen.cause).toMatchObject({ offset: expect.any(Number) })
        expect((await manager.call('customersSearch', { query: { q: '张' } })).status).toBe(423)
      }
    },
    300_000,
  )

  it('says the same in the reports: so many were allowed, none of them in vain', async () => {
    await gateway.settled()
    const rows = await gateway.audit.query<{ actor: string; served: number; expired: number }>(
      `select actor, countIf(final_outcome = 'allowed') as served, countIf(final_outcome = 'expired') as expired
       from accesses where action in ('photo_view', 'reveal') group by actor`,
    )
    expect(rows.length).toBe(rounds)
    expect(rows.map(({ expired }) => Number(expired))).toEqual(rows.map(() => 0))
  })

  const freezeOf = async (account: string) => {
    const { db } = gateway.records
    const [row] = await db
      .select()
      .from(freezes)
      .where(and(eq(freezes.accountId, account), eq(freezes.rule, 'loaded-while-running')))
    return row
  }
})
