import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AlertConflict, type AccessEvent, type Alert } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { readLog } from '@custodia/streams/integrity'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { alerts, silences } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive } from '../testing/live-socket.js'
import { until } from '../testing/settled.js'
import { SilencesService } from './silences.service.js'

describe('the life of an alert', () => {
  let gateway: TestGateway
  let gao: TestClient
  let li: TestClient

  beforeAll(async () => {
    gateway = await startTestGateway()
    gao = await gateway.signedIn('analyst', { username: 'gao' })
    li = await gateway.signedIn('analyst', { username: 'li' })
  })
  afterAll(() => gateway?.stop())

  const raise = async (over: Partial<Alert> = {}): Promise<string> => {
    const alert = anAlert({ id: uuidv7(), actor: undefined, group: {}, respond: [{ do: 'alert' }], ...over })
    await gateway.log.append('alerts', {
      key: alert.id,
      value: Buffer.from(JSON.stringify({ kind: 'raised', alert })),
    })
    const { db } = gateway.records
    await until(async () => (await db.select().from(alerts).where(eq(alerts.id, alert.id))).length)
    return alert.id
  }
  const onTheDesk = async (id: string, who = li): Promise<boolean> => {
    const { items } = await who.ok('alerts', { query: { hidden: 'false', limit: 100 } })
    return items.some((alert) => alert.id === id)
  }
  const written = async (id: string): Promise<AccessEvent[]> => {
    const found: AccessEvent[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(value.toString()) as AccessEvent
      if (event.record_id === id && event.action === 'triage') found.push(event)
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  it('goes from open to closed and back, each step an event and a line of its history', async () => {
    const params = { id: await raise() }
    await gao.ok('alertAcknowledge', { params, body: { version: 0 } })
    await gao.ok('alertAssign', { params, body: { version: 1, assignee: li.accountId } })
    await li.ok('alertBegin', { params, body: { version: 2 } })
    await gao.ok('alertComment', { params, body: { text: 'called the branch' } })
    const closed = await li.ok('alertClose', {
      params,
      body: { version: 4, verdict: 'benign', note: 'month-end check' },
    })
    expect(closed).toMatchObject({
      state: 'closed',
      verdict: 'benign',
      assignee: li.accountId,
      comments: 1,
      version: 5,
    })
    await li.ok('alertReopen', { params, body: { version: 5, note: 'there is more' } })

    const { changes, triage } = await gao.ok('alert', { params })
    expect(triage).toMatchObject({ state: 'open', by_name: 'analyst li', assignee_name: 'analyst li', version: 6 })
    expect(triage.verdict).toBeUndefined()
    expect(changes.map(({ kind, by_name, text, verdict }) => [kind, by_name, text, verdict])).toEqual([
      ['acknowledge', 'analyst gao', undefined, undefined],
      ['assign', 'analyst gao', undefined, undefined],
      ['begin', 'analyst li', undefined, undefined],
      ['comment', 'analyst gao', 'called the branch', undefined],
      ['close', 'analyst li', 'month-end check', 'benign'],
      ['reopen', 'analyst li', 'there is more', undefined],
    ])
    expect((await written(params.id)).map(({ actor, reason, outcome }) => [actor, reason, outcome])).toEqual([
      [gao.accountId, 'acknowledge', 'granted'],
      [gao.accountId, 'assign', 'granted'],
      [li.accountId, 'begin', 'granted'],
      [gao.accountId, 'comment', 'granted'],
      [li.accountId, 'close: benign', 'granted'],
      [li.accountId, 'reopen', 'granted'],
    ])
  })

  it('brings what its rule says to do, in both languages, for as long as there is the rule', async () => {
    await until(async () => (await li.ok('ruleFiles')).items.length > 40)
    const known = await li.ok('alert', { params: { id: await raise({ rule: 'bulk-photo-view' }) } })
    expect(known.advice).toMatchObject({
      file: 'bulk-photo-view',
      runbook: { en: expect.stringContaining('frozen'), zh: expect.stringContaining('冻结') },
      clauses: expect.arrayContaining(['PIPL 51']),
    })
    const gone = await li.ok('alert', { params: { id: await raise({ rule: 'of-last-year' }) } })
    expect(gone.advice).toBeUndefined()
  })

  it('counts among what its rule raised, and apart where that was in shadow', async () => {
    for (const mode of ['live', 'shadow', 'shadow'] as const)
      await raise({ rule: 'tried-out', mode, time: new Date().toISOString() })
    const { items } = await li.ok('ruleFigures')
    const figures = items.find(({ rule }) => rule === 'tried-out')
    expect(figures).toMatchObject({ shadow: 2 })
    expect(figures?.alerts.at(-1)).toBe(3)
  })

  it('whoever is slower overwrites nothing, and hears who did what in the meantime', async () => {
    const params = { id: await raise() }
    await gao.ok('alertClose', { params, body: { version: 0, verdict: 'true', note: 'a thief indeed' } })
    const late = await li.call('alertClose', { params, body: { version: 0, verdict: 'false', note: '误报' } })
    expect([late.status, late.body.code]).toEqual([409, 'conflict'])
    expect(late.body).toHaveProperty('detail', 'analyst gao changed this alert in the meantime: close.')
    expect(AlertConflict.parse(late.body)).toMatchObject({
      triage: { state: 'closed', verdict: 'true', version: 1 },
      changes: [{ kind: 'close', by_name: 'analyst gao', verdict: 'true', text: 'a thief indeed' }],
    })
    expect((await li.ok('alert', { params })).triage).toMatchObject({ verdict: 'true', by: gao.accountId })
    expect((await written(params.id)).map(({ actor, outcome }) => [actor, outcome])).toEqual([
      [gao.accountId, 'granted'],
      [li.accountId, 'failed'],
    ])
  })

  it('of two at the very same moment one is first', async () => {
    const params = { id: await raise() }
    const answers = await Promise.all([gao, li].map((who) => who.call('alertBegin', { params, body: { version: 0 } })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('a comment in the meantime is in nobody’s way', async () => {
    const params = { id: await raise() }
    await gao.ok('alertComment', { params, body: { text: 'seen before' } })
    expect(await li.ok('alertAcknowledge', { params, body: { version: 0 } })).toMatchObject({ version: 2 })
  })

  it('a version that never was is a conflict', async () => {
    const params = { id: await raise() }
    expect((await gao.call('alertBegin', { params, body: { version: 7 } })).status).toBe(409)
  })

  it('is given only to who may work on it', async () => {
    const params = { id: await raise() }
    const clerk = (await gateway.person('staff')).account.id
    for (const assignee of [clerk, 'nobody']) {
      const answer = await gao.call('alertAssign', { params, body: { version: 0, assignee } })
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input'])
    }
  })

  it('nobody decides about alerts on themselves, or silences them', async () => {
    const params = { id: await raise({ actor: gao.accountId, group: { actor: gao.accountId } }) }
    const close = { version: 0, verdict: 'false' as const, note: 'that was nothing' }
    expect((await gao.call('alertClose', { params, body: close })).body.code).toBe('own_account')
    const body = { rule: 'bulk-photo-view', actor: gao.accountId, minutes: 5, reason: 'that was nothing' }
    expect((await gao.call('silenceCreate', { body })).body.code).toBe('own_account')
    const forAll = await gao.ok('silenceCreate', { body: { ...body, actor: undefined } })
    expect(await onTheDesk(params.id)).toBe(true)
    await li.ok('silenceEnd', { params: { id: forAll.id } })
  })

  it('repeats are merged into one, which stands for them, and can be split off', async () => {
    const rule = 'bulk-reveal'
    const [main, first, second, other] = [
      await raise({ rule }),
      await raise({ rule }),
      await raise({ rule }),
      await raise({ rule, group: { ip: '10.0.0.9' } }),
    ]
    const { repeats } = await gao.ok('alert', { params: { id: main } })
    expect(repeats.map(({ id, merged }) => [id, merged]).sort()).toEqual(
      [
        [first, false],
        [second, false],
      ].sort(),
    )
    const wrong = await gao.call('alertMerge', { params: { id: main }, body: { version: 0, ids: [first, other] } })
    expect(wrong.body.code).toBe('invalid_input')
    await gao.ok('alertMerge', { params: { id: first }, body: { version: 0, ids: [second] } })
    const merged = await gao.ok('alertMerge', { params: { id: main }, body: { version: 0, ids: [first] } })
    expect(merged).toMatchObject({ repeats: 2, version: 1 })
    expect(await Promise.all([main, first, second, other].map((id) => onTheDesk(id)))).toEqual([
      true,
      false,
      false,
      true,
    ])
    const closed = await gao.call('alertBegin', { params: { id: second }, body: { version: 2 } })
    expect(closed.body.code).toBe('conflict')
    await gao.ok('alertSplit', { params: { id: second }, body: { version: 2 } })
    expect(await onTheDesk(second)).toBe(true)
    expect((await gao.ok('alert', { params: { id: main } })).triage.repeats).toBe(1)
  })

  it('a silence puts alerts aside for people alone: the account is frozen all the same', async () => {
    const clerk = (await gateway.person('staff')).account.id
    const rule = 'bulk-photo-download'
    const body = { rule, actor: clerk, minutes: 5, reason: 'moving the archive' }
    const silence = await gao.ok('silenceCreate', { body })
    expect(silence).toMatchObject({ owner_name: 'analyst gao', reason: 'moving the archive' })
    const over = { rule, actor: clerk, group: { actor: clerk }, time: new Date().toISOString() }
    const id = await raise({ ...over, respond: [{ do: 'freeze', for_seconds: 600 }] })
    const person = await until(async () => {
      const found = await gao.ok('person', { params: { id: clerk } })
      return found.freeze ? found : undefined
    })
    expect(person.freeze?.alert_id).toBe(id)
    expect(await onTheDesk(id)).toBe(false)
    expect((await gao.ok('alerts', { query: { actor: clerk } })).items).toHaveLength(1)
    const covers = (alert: Pick<Alert, 'rule' | 'actor'>) => gateway.app.get(SilencesService).covers(alert)
    expect([await covers({ rule, actor: clerk }), await covers({ rule, actor: 'other' })]).toEqual([true, false])

    await gateway.records.db.update(silences).set({ until: new Date() }).where(eq(silences.id, silence.id))
    expect([await onTheDesk(id), await covers({ rule, actor: clerk })]).toEqual([true, false])
    expect((await gao.call('silenceEnd', { params: { id: silence.id } })).status).toBe(409)
    expect((await gao.ok('silences')).items.map((each) => each.id)).toContain(silence.id)
  })

  it('what warns of the system itself is never silenced', async () => {
    const answer = await gao.call('silenceCreate', { body: { rule: 'freeze-guard', minutes: 5, reason: 'too loud' } })
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input'])
  })

  it('is pushed to the colleagues with names, and without what was typed; no log has that', async () => {
    const page = openLive(await gateway.listen(), { cookie: li.cookieHeader(), origin: 'http://localhost:8080' })
    await until(() => page.heard.caught_up.length)
    const params = { id: await raise() }
    const note = 'spoke to Mrs Ouyang of 长宁 branch'
    await gao.ok('alertClose', { params, body: { version: 0, verdict: 'benign', note } })
    const silence = await gao.ok('silenceCreate', { body: { rule: 'r', minutes: 5, reason: note } })
    const told = await until(() => {
      const records = page.heard.alert.map(({ record }) => record)
      const triage = records.find((each) => each.kind === 'triage' && each.triage.alert_id === params.id)
      const silenced = records.find((each) => each.kind === 'silence' && each.silence.id === silence.id)
      return triage && silenced && [triage, silenced]
    })
    page.socket.disconnect()
    expect(told).toMatchObject([
      { triage: { state: 'closed', verdict: 'benign', by_name: 'analyst gao' } },
      { silence: { rule: 'r', owner_name: 'analyst gao' } },
    ])
    expect(JSON.stringify(page.heard)).not.toContain('Ouyang')
    for (const topic of ['alerts', 'access-events'] as const)
      for await (const { value } of readLog(gateway.logDir, topic)) expect(value.toString()).not.toContain('Ouyang')
  })
})
