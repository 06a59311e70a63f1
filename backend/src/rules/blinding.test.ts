import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RuleVersion } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proofFor } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { readFolder } from './folders.js'
import { Importer } from './importer.js'

const rule = 'canary-record' // it alerts, and does nothing else

describe('an analyst alone does not blind a rule that only alerts', () => {
  let gateway: TestGateway
  let li: TestClient
  let wang: TestClient

  beforeAll(async () => {
    gateway = await startTestGateway()
    li = await gateway.signedIn('analyst')
    wang = await gateway.signedIn('admin')
    await until(async () => (await li.ok('ruleFiles')).items.length > 40)
  })
  afterAll(() => gateway?.stop())

  const inForce = async (name: string): Promise<string | undefined> =>
    (await newestRuleSet(gateway.log))?.files.find(({ file }) => file === `${name}.yml`)?.yaml
  const step = async (by: TestClient, name: 'rulePropose' | 'ruleApprove' | 'ruleRollback', version: RuleVersion) => {
    const call = {
      params: { id: version.name, number: String(version.number) },
      body: { reason: 'it is too loud' },
    }
    return by.call(name, { ...call, headers: await proofFor(gateway, by, name, call) })
  }
  const proposed = async (name: string, yaml: string, base?: number): Promise<RuleVersion> => {
    const body = { yaml, reason: 'it is too loud', ...(base && { base }) }
    const draft = await li.ok('ruleEdit', { params: { id: name }, body })
    await li.ok('ruleTry', { params: { id: name, number: String(draft.number) }, body: { days: 7 } })
    const { status, body: version } = await step(li, 'rulePropose', draft)
    expect(status).toBe(200)
    return version as RuleVersion
  }
  const exception = (when: string) =>
    `custodia:\n  exceptions: [{ when: ${when}, owner: li.na, reason: it is me, expires: 2099-01-01 }]`

  it('by an exception for themself, for their address, or for everybody', async () => {
    const text = (await inForce(rule))!
    for (const when of [`{ actor: ${li.accountId} }`, '{ ip|cidr: 127.0.0.0/8 }', "{ actor: '*' }"]) {
      const version = await proposed(rule, text.replace('custodia:', exception(when)), 1)
      expect(version).toMatchObject({ state: 'proposed', two_persons: true })
      expect(await step(li, 'ruleApprove', version)).toMatchObject({ body: { code: 'second_person_required' } })
      expect(await inForce(rule)).toBe(text)
    }
  })

  it('by a filter in a file of its own, nor by switching it off', async () => {
    const filter = `title: Not me
logsource: { product: custodia, category: access }
filter: { rules: [${rule}], selection: { actor: ${li.accountId} }, condition: not selection }
`
    expect(await proposed('not-me', filter)).toMatchObject({ state: 'proposed', two_persons: true })
    const text = (await inForce(rule))!
    const off = await proposed(rule, text.replace('custodia:', 'custodia:\n  mode: off'), 1)
    expect(off).toMatchObject({ state: 'proposed' })
    expect(await step(wang, 'ruleApprove', off)).toMatchObject({ body: { state: 'live' } })
  })

  it('by a file that somebody left in the folder: whoever approves it first has proposed it', async () => {
    const [name, dir] = ['bulk-search', await mkdtemp(join(tmpdir(), 'custodia-blinding-'))]
    const text = (await inForce(name))!
    await writeFile(join(dir, `${name}.yml`), text.replace('custodia:', exception("{ actor: '*' }")))
    await gateway.app.get(Importer).offer(await readFolder(dir))
    await rm(dir, { recursive: true })
    const newest = async () => (await li.ok('ruleFile', { params: { id: name } })).versions[0]!
    const offered = await newest()
    expect(offered).toMatchObject({ number: 2, state: 'proposed', two_persons: true })
    await li.ok('ruleTry', { params: { id: name, number: '2' }, body: { days: 7 } })
    const taken = await step(li, 'ruleApprove', offered)
    expect(taken).toMatchObject({ body: { state: 'proposed', two_persons: true, author: li.accountId } })
    expect(await step(li, 'ruleApprove', offered)).toMatchObject({ body: { code: 'second_person_required' } })
    expect(await inForce(name)).toBe(text)
    expect(await step(wang, 'ruleApprove', offered)).toMatchObject({ body: { state: 'live' } })
  })

  it('by going back to what saw less; to see again takes nobody else', async () => {
    const { versions } = await li.ok('ruleFile', { params: { id: rule } })
    const off = versions.find(({ state }) => state === 'live')!
    const first = versions.find(({ number }) => number === 1)!
    expect(await step(li, 'ruleRollback', first)).toMatchObject({ body: { state: 'live', two_persons: false } })
    expect(await step(li, 'ruleRollback', off)).toMatchObject({ body: { state: 'proposed', two_persons: true } })
    expect(await inForce(rule)).toBe(first.yaml)
  })

  it('and tunes alone what nobody loses by', async () => {
    const { versions } = await li.ok('ruleFile', { params: { id: rule } })
    const live = versions.find(({ state }) => state === 'live')!
    const louder = await proposed(rule, live.yaml.replace(/^title: .*/, 'title: A decoy was opened'), live.number)
    expect(louder).toMatchObject({ state: 'live', two_persons: false })
  })
})
