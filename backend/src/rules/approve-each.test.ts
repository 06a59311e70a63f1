import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, RuleDecision } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import { readLog } from '@custodia/streams/integrity'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proven } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { readFolder } from './folders.js'
import { Importer } from './importer.js'
import { textsInForce } from './rules-command.js'

const names = ['bulk-delete', 'bulk-photo-view', 'bulk-search', 'bulk-view']

describe('the proposals of an upgrade', () => {
  let gateway: TestGateway
  let wang: TestClient
  let setsBefore: number

  const sets = async (): Promise<number> => {
    let n = 0
    for await (const record of readLog(gateway.logDir, 'rule-sets')) n += record.value.length ? 1 : 0
    return n
  }
  const inForce = async () => {
    const set = await newestRuleSet(gateway.log)
    return set?.files.filter(({ yaml }) => yaml.startsWith('# as of the next release')).map(({ file }) => file)
  }
  const open = async () =>
    (await wang.ok('ruleFiles')).items.flatMap(({ name, open }) => open.map((one) => ({ ...one, name })))
  const approve = async (by: TestClient, ...which: string[]): Promise<readonly RuleDecision[]> => {
    const versions = which.map((name) => ({ name, number: 2 }))
    const { body } = await proven(gateway, by, 'ruleApproveEach', { body: { versions, reason: 'read them all' } })
    return body.items.map(({ event_id, ...one }) => {
      expect(event_id).toEqual(expect.any(String))
      return one
    })
  }

  beforeAll(async () => {
    gateway = await startTestGateway()
    wang = await gateway.signedIn('admin')
    await until(async () => (await wang.ok('ruleFiles')).items.length > 40)
    const dir = await mkdtemp(join(tmpdir(), 'custodia-release-'))
    const files = await textsInForce(gateway.records.db)
    for (const name of names) await writeFile(join(dir, `${name}.yml`), `# as of the next release\nlevel: critical\n${files.get(`${name}.yml`)!.replace(/^level: .*\n/m, '')}`) // prettier-ignore
    await gateway.app.get(Importer).offer(await readFolder(dir))
    await rm(dir, { recursive: true })
    setsBefore = await sets()
  })
  afterAll(() => gateway?.stop())

  it('are listed with what is known of them: from a file, whether two are needed, and no backtest yet', async () => {
    const told = await open()
    expect(told.map(({ name, number, state, tried }) => [name, number, state, tried])).toEqual(
      names.map((name) => [name, 2, 'proposed', 'no']),
    )
    expect(told.find(({ name }) => name === 'bulk-photo-view')).toMatchObject({ base: 1, two_persons: true })
    expect(told.find(({ name }) => name === 'bulk-view')).toMatchObject({ two_persons: false })
    for (const id of ['bulk-delete', 'bulk-photo-view', 'bulk-view'])
      await wang.ok('ruleTry', { params: { id, number: '2' }, body: { days: 7 } })
    expect((await open()).map(({ tried, alerts }) => [tried, alerts])).toEqual([
      ['passed', 0],
      ['passed', 0],
      ['no', undefined],
      ['passed', 0],
    ])
  })

  it('ask for one fresh proof', async () => {
    const body = { versions: [{ name: 'bulk-view', number: 2 }], reason: 'read them all' }
    expect(await wang.call('ruleApproveEach', { body })).toMatchObject({
      status: 403,
      body: { code: 'step_up_required' },
    })
  })

  it('go into force together; one that is refused says why and holds no other up', async () => {
    const items = await approve(wang, 'bulk-delete', 'bulk-search', 'nowhere', 'bulk-photo-view')
    expect(items).toEqual([
      { name: 'bulk-delete', number: 2, state: 'live' },
      { name: 'bulk-search', number: 2, problem: { code: 'backtest_missing', detail: expect.any(String) } },
      { name: 'nowhere', number: 2, problem: { code: 'not_found', detail: expect.any(String) } },
      { name: 'bulk-photo-view', number: 2, state: 'proposed' },
    ])
    expect(await inForce()).toEqual(['bulk-delete.yml'])
    expect((await sets()) - setsBefore).toBe(1)
    expect((await open()).map(({ name }) => name)).toEqual(['bulk-photo-view', 'bulk-search', 'bulk-view'])
  })

  it('take two people where a rule freezes or holds: whoever approves it first proposes it, and cannot be the second', async () => {
    const proposal = (await open()).find(({ name }) => name === 'bulk-photo-view')
    expect(proposal).toMatchObject({ author: wang.accountId, two_persons: true })
    const told = await approve(wang, 'bulk-photo-view')
    expect(told).toMatchObject([{ problem: { code: 'second_person_required' } }])
    expect(await inForce()).toEqual(['bulk-delete.yml'])
    const li = await gateway.signedIn('analyst')
    expect(await approve(li, 'bulk-photo-view')).toEqual([{ name: 'bulk-photo-view', number: 2, state: 'live' }])
    expect(await inForce()).toEqual(['bulk-delete.yml', 'bulk-photo-view.yml'])
    const { versions } = await li.ok('ruleFile', { params: { id: 'bulk-photo-view' } })
    expect(versions[0]).toMatchObject({
      author: wang.accountId,
      decided_by: li.accountId,
      reason: 'imported by command: read them all',
    })
  })

  it('are refused to whoever proposed them, and once they are decided', async () => {
    const li = await gateway.signedIn('analyst')
    const { versions } = await li.ok('ruleFile', { params: { id: 'bulk-export' } })
    const yaml = versions[0]!.yaml.replace(/gt: \d+/, 'gt: 400')
    await li.ok('ruleEdit', { params: { id: 'bulk-export' }, body: { yaml, reason: 'tuning', base: 1 } })
    const of = { params: { id: 'bulk-export', number: '2' } }
    await li.ok('ruleTry', { ...of, body: { days: 7 } })
    expect(await proven(gateway, li, 'rulePropose', { ...of, body: { reason: 'tuned' } })).toMatchObject({
      status: 200,
    })
    const told = await approve(li, 'bulk-export', 'bulk-view', 'bulk-delete')
    expect(told.map(({ problem }) => problem?.code)).toEqual(['second_person_required', undefined, 'conflict'])
  })

  it('leave an event each, granted or not, beside the one of the request', async () => {
    const told: unknown[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const { action, fields, outcome, record_id, reason, count, actor } = JSON.parse(
        Buffer.from(value).toString(),
      ) as AccessEvent
      if (
        action === 'rule_change' &&
        /^rule\.(approve|propose)$/.test(fields?.join() ?? '') &&
        actor === wang.accountId
      )
        told.push([fields?.join(), outcome, record_id ?? count, reason])
    }
    expect(told).toEqual([
      ['rule.approve', 'granted', 'bulk-delete@2', 'read them all'],
      ['rule.approve', 'failed', 'bulk-search@2', 'backtest_missing'],
      ['rule.approve', 'failed', 'nowhere@2', 'not_found'],
      ['rule.propose', 'granted', 'bulk-photo-view@2', 'read them all'],
      ['rule.approve', 'granted', 2, 'read them all'],
      ['rule.approve', 'failed', 'bulk-photo-view@2', 'second_person_required'],
      ['rule.approve', 'granted', 0, 'read them all'],
    ])
  })
})
