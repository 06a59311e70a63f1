import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, Measure } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { accounts } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { giveProof } from '../testing/proof.js'
import { putIntoForce } from '../testing/rule-in-force.js'
import { until } from '../testing/settled.js'

const purpose = 'identity_check'
const rungs = ['notify', 'step_up', 'throttle', 'mask', 'block', 'freeze', 'shadow'] as const
type Rung = (typeof rungs)[number]
const limit = randomInt(2, 5)

/** One rule for each rung, about a team of its own, which no file of ours knows; and a freeze that is only tried. */
const ruleOf = (rung: Rung): string => `title: Too many in team ${rung}
name: too-many-${rung}
level: low
correlation:
  type: event_count
  rules: [opened-by-${rung}]
  group-by: [actor]
  timespan: 10m
  condition: { gt: ${limit} }
custodia:
  mode: ${rung === 'shadow' ? 'shadow' : 'live'}
  respond: [alert, ${rung === 'shadow' ? 'freeze: 20m' : rung === 'notify' ? rung : `${rung}: 20m`}]
  suppress: 0s
---
title: Opened by team ${rung}
name: opened-by-${rung}
logsource: { product: custodia, category: access }
detection:
  opened: { action: view, team: ${rung}, outcome: granted }
  condition: opened
`

describe('each rung of the ladder, by a rule that is put into force while the system runs', () => {
  let gateway: TestGateway
  const customers = new Map<TestClient, KeptCustomer>()
  let analyst: TestClient
  const people = new Map<Rung, TestClient>()

  beforeAll(async () => {
    gateway = await startTestGateway()
    analyst = await gateway.signedIn('analyst')
    const two = [analyst, await gateway.signedIn('admin')] as const
    for (const rung of rungs) await putIntoForce(gateway, two, { file: `${rung}.yml`, yaml: ruleOf(rung) })
    for (const rung of rungs) {
      const clerk = await gateway.signedIn('staff', { team: rung })
      people.set(rung, clerk)
      customers.set(clerk, await newCustomer(clerk))
    }
    await until(async () => {
      const { rules, effective_from } = await analyst.ok('rules')
      if (Date.parse(effective_from) > Date.now()) return false
      return rungs.every((rung) => rules.some(({ name }) => name === `too-many-${rung}`))
    })
  })
  afterAll(() => gateway?.stop())

  const whose = (who: TestClient) => customers.get(who) as KeptCustomer
  const open = (who: TestClient) => who.call('customerView', { params: { id: whose(who).id } })
  const photo = (who: TestClient, headers = {}, why: typeof purpose | 'contract' = purpose) =>
    who.call('photoView', { params: { id: whose(who).photo }, query: { purpose: why }, headers })
  const inForce = async (id: string) => {
    const [row] = await gateway.records.db.select().from(accounts).where(eq(accounts.id, id))
    return row!
  }
  const steps = async (id: string): Promise<AccessEvent[]> => {
    const found: AccessEvent[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(value.toString()) as AccessEvent
      if (event.subject === id && event.actor === 'system') found.push(event)
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
  const who = (rung: Rung) => people.get(rung) as TestClient
  /** Just until the rule fires; each access more would be one more of its alerts, and steps. */
  const tripped = async (rung: Rung): Promise<string> => {
    for (let n = 0; n <= limit; n++) expect((await open(who(rung))).status).toBe(200)
    return who(rung).accountId
  }
  const saysSo = async (id: string, rung: Rung, action: 'restrict' | 'freeze' = 'restrict') => {
    const [event, ...more] = await until(async () => {
      const found = await steps(id)
      return found.length ? found : undefined
    })
    expect(more).toEqual([])
    expect(event).toMatchObject({ action, outcome: 'granted' })
    expect(event?.fields).toEqual(action === 'restrict' ? [rung] : undefined)
    expect(event?.reason).toMatch(new RegExp(`^too-many-${rung} \\S+: Too many in team ${rung}$`))
    await until(async () => {
      const { measures, freezeId } = await inForce(id) // the event is written before the step is committed
      return measures.length > 0 || freezeId !== null
    })
  }
  const lasts = ({ until: end }: Pick<Measure, 'until'>) => Math.round((Date.parse(end) - Date.now()) / 60_000)

  it('notify: the account is as it was', async () => {
    const id = await tripped('notify')
    const { items } = await until(async () => {
      const page = await analyst.ok('alerts', { query: { actor: id } })
      return page.items.length ? page : undefined
    })
    expect(items).toMatchObject([{ rule: 'too-many-notify', respond: [{ do: 'alert' }, { do: 'notify' }] }])
    expect(await inForce(id)).toMatchObject({ measures: [], freezeId: null })
    expect((await photo(who('notify'))).status).toBe(200)
  })

  it('step_up: a proof for the one request, and not for another', async () => {
    const id = await tripped('step_up')
    await saysSo(id, 'step_up')
    const asked = await photo(who('step_up'))
    expect([asked.status, asked.body.code]).toEqual([403, 'step_up_required'])
    const proof = await giveProof(gateway, asked.body)
    expect((await photo(who('step_up'), proof, 'contract')).body.code).toBe('step_up_required')
    expect((await photo(who('step_up'), proof)).status).toBe(200)
    expect((await photo(who('step_up'), proof)).body.code).toBe('step_up_required')
  })

  it('throttle: a few at once, then told to wait', async () => {
    const id = await tripped('throttle')
    await saysSo(id, 'throttle')
    const answers = await Promise.all(Array.from({ length: 8 }, () => photo(who('throttle'))))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.find(({ status }) => status !== 200)?.body.code).toBe('slowed_down')
  })

  it('mask: plain values are masked', async () => {
    const id = await tripped('mask')
    await saysSo(id, 'mask')
    const call = { params: { id: whose(who('mask')).id }, body: { purpose, fields: ['phone' as const] } }
    const shown = await who('mask').ok('customerReveal', call)
    expect(JSON.stringify(shown)).toContain('****')
  })

  it('block: this kind of access is refused, others are not', async () => {
    const id = await tripped('block')
    await saysSo(id, 'block')
    const refused = await open(who('block'))
    expect([refused.status, refused.body.code]).toEqual([403, 'access_blocked'])
    expect((await photo(who('block'))).status).toBe(200)
    const [first] = (await inForce(id)).measures
    expect(first).toMatchObject({ kind: 'block', action: 'view', rule: 'too-many-block' })
    expect(lasts(first!)).toBe(20)
  })

  it('throttle again: the step lasts twice as long', async () => {
    const id = who('throttle').accountId
    const { db } = gateway.records
    await db.update(accounts).set({ throttledAt: null }).where(eq(accounts.id, id))
    expect((await open(who('throttle'))).status).toBe(200)
    await until(async () => (await steps(id)).length === 2)
    const [again] = await until(async () => {
      const { measures } = await inForce(id) // the event is written before the step is committed
      return measures.some((measure) => lasts(measure) > 20) ? measures : undefined
    })
    expect([again?.kind, lasts(again!)]).toEqual(['throttle', 40])
  })

  it('freeze: every session ends', async () => {
    const id = await tripped('freeze')
    await saysSo(id, 'freeze', 'freeze')
    expect((await open(who('freeze'))).body.code).toBe('account_frozen')
    expect(lasts({ until: (await inForce(id)).frozenUntil!.toISOString() })).toBe(20)
  })

  it('freeze, for more people than the guard lets one rule have: the rest are alerts, and that is one', async () => {
    const more = await Promise.all([2, 3, 4].map(() => gateway.signedIn('staff', { team: 'freeze' })))
    for (const clerk of more) {
      customers.set(clerk, await newCustomer(clerk))
      for (let n = 0; n <= limit; n++) expect((await open(clerk)).status).toBe(200)
    }
    for (const { accountId } of more.slice(0, 2)) await until(async () => (await inForce(accountId)).freezeId !== null)
    const guard = await until(async () => {
      const { items } = await analyst.ok('alerts', { query: { rule: 'freeze-guard' } })
      return items.length ? items : undefined
    })
    expect(guard).toMatchObject([{ severity: 'critical', respond: [{ do: 'alert' }, { do: 'notify' }] }])
    expect(await Promise.all(more.map(async (clerk) => (await open(clerk)).status))).toEqual([423, 423, 200])
    expect((await analyst.ok('rules')).tripped).toMatchObject([
      { rule: 'too-many-freeze', reason: '3 accounts at once' },
    ])
  })

  it('a freeze in shadow does nothing, and its rule lists whom it would have frozen', async () => {
    const id = await tripped('shadow')
    const list = () => analyst.ok('ruleWouldFreeze', { params: { id: 'too-many-shadow' } })
    const items = await until(async () => {
      const page = await list()
      return page.items.length ? page.items : undefined
    })
    const [raised] = (await analyst.ok('alerts', { query: { actor: id } })).items
    expect(items).toMatchObject([{ account: id, times: 1, alert_id: raised?.id }])
    expect(items[0]?.account_name).toBeTruthy()
    expect([await steps(id), (await inForce(id)).freezeId, (await open(who('shadow'))).status]).toEqual([[], null, 200])
  })
})
