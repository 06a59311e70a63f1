import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent, RuleSet, RuleVersion } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import { readLog } from '@custodia/streams/integrity'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { TestClient } from '../testing/client.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { proofFor, proven } from '../testing/proof.js'
import { until } from '../testing/settled.js'
import { readFolder } from './folders.js'
import { Importer } from './importer.js'
import { RuleWorkshop } from './rule-workshop.js'
import { textsInForce, writeFiles } from './rules-command.js'

type Step = 'rulePropose' | 'ruleApprove' | 'ruleRollback'

describe('versions of rules', () => {
  let gateway: TestGateway
  let li: TestClient
  let wang: TestClient

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CUSTODIA_RULE_FILES: 'follow' } })
    li = await gateway.signedIn('analyst')
    wang = await gateway.signedIn('admin')
    await until(async () => (await li.ok('ruleFiles')).items.length > 40)
  })
  afterAll(() => gateway?.stop())

  const newest = async (): Promise<RuleSet> => (await newestRuleSet(gateway.log)) as RuleSet
  const inForce = async (name: string): Promise<string | undefined> =>
    (await newest()).files.find(({ file }) => file === `${name}.yml`)?.yaml
  const history = async (name: string): Promise<RuleVersion[]> =>
    (await li.ok('ruleFile', { params: { id: name } })).versions
  const edit = (by: TestClient, name: string, yaml: string, base?: number) =>
    by.ok('ruleEdit', { params: { id: name }, body: { yaml, reason: 'tuning', ...(base && { base }) } })
  const params = ({ name, number }: RuleVersion) => ({ id: name, number: String(number) })
  const tried = (by: TestClient, version: RuleVersion) =>
    by.ok('ruleTry', { params: params(version), body: { days: 7 } })
  const step = async (by: TestClient, name: Step, version: RuleVersion) => {
    const call = { params: params(version), body: { reason: 'looked at it' } }
    return by.call(name, { ...call, headers: await proofFor(gateway, by, name, call) })
  }
  const quiet = (name: string, more = '') => `title: Nothing
name: ${name}
logsource: { product: custodia, category: access }
detection: { selection: { actor: nobody }, condition: selection }
${more}`

  it('begin with what is in force: each shipped file, with its cases', async () => {
    const [version, ...more] = await history('bulk-photo-view')
    expect(more).toEqual([])
    expect(version).toMatchObject({ number: 1, state: 'live', cases: expect.stringContaining('fires:') })
    expect(version?.yaml).toBe(await inForce('bulk-photo-view'))
    expect(version?.author).toBeUndefined()
  })

  it('go live by a backtest and a second person where a rule freezes or holds, and not before', async () => {
    const before = (await history('bulk-photo-view'))[0] as RuleVersion
    const draft = await edit(li, 'bulk-photo-view', before.yaml.replace('gt: 50', 'gt: 40'), 1)
    expect(draft).toMatchObject({ number: 2, state: 'draft', two_persons: true, author: li.accountId })
    expect(await step(li, 'rulePropose', draft)).toMatchObject({ status: 409, body: { code: 'backtest_missing' } })
    const trial = (await tried(li, draft)).trial
    expect(trial).toMatchObject({ failed: [], rules: [{ rule: 'bulk-photo-view', live: { same: false } }] })
    expect(await step(wang, 'rulePropose', draft)).toMatchObject({ status: 403 }) // somebody else's draft
    expect((await step(li, 'rulePropose', draft)).body).toMatchObject({ state: 'proposed' })
    expect(await inForce('bulk-photo-view')).toBe(before.yaml)
    expect(await step(li, 'ruleApprove', draft)).toMatchObject({ body: { code: 'second_person_required' } })
    expect((await step(wang, 'ruleApprove', draft)).body).toMatchObject({ state: 'live', decided_by: wang.accountId })
    expect(await inForce('bulk-photo-view')).toBe(draft.yaml)
    expect((await history('bulk-photo-view')).map(({ state }) => state)).toEqual(['live', 'retired'])
  })

  it('lose their backtest when the text changes', async () => {
    const draft = await edit(li, 'quiet-one', quiet('quiet-one'))
    await tried(li, draft)
    const again = await edit(li, 'quiet-one', quiet('quiet-one', 'level: low\n'), 1)
    expect(again).toMatchObject({ number: 1, state: 'draft' })
    expect(again.trial).toBeUndefined()
    expect(await step(li, 'rulePropose', again)).toMatchObject({ status: 409 })
  })

  it('are not written over by one who has not seen them: a second window, or two at once', async () => {
    const first = await edit(li, 'quiet-four', quiet('quiet-four'))
    const save = (more: string, replaces: string | null) => {
      const body = { yaml: quiet('quiet-four', more), reason: 'tuning', base: 1, replaces }
      return li.call('ruleEdit', { params: { id: 'quiet-four' }, body })
    }
    const both = await Promise.all([save('level: low\n', first.created_at), save('level: high\n', first.created_at)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await save('level: critical\n', null)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const [kept, ...more] = await history('quiet-four')
    expect(more).toEqual([])
    expect(await save('level: critical\n', kept!.created_at)).toMatchObject({ status: 200, body: { number: 1 } })
  })

  it('that another one overtook go on from the one in force, and no other way', async () => {
    const name = 'quiet-five'
    const first = await edit(li, name, quiet(name))
    await tried(li, first)
    await step(li, 'rulePropose', first)
    const mine = await edit(li, name, quiet(name, 'level: critical\n'), 1)
    const theirs = await edit(wang, name, quiet(name, 'level: high\n'), 1)
    await tried(wang, theirs)
    expect((await step(wang, 'rulePropose', theirs)).body).toMatchObject({ state: 'live', number: 3 })
    await tried(li, mine)
    expect(await step(li, 'rulePropose', mine)).toMatchObject({ status: 409, body: { code: 'rule_overtaken' } })
    const again = await edit(li, name, quiet(name, 'level: critical\n'), 3)
    expect(again).toMatchObject({ number: 4, base: 3 })
    await tried(li, again)
    expect((await step(li, 'rulePropose', again)).body).toMatchObject({ state: 'live' })
  })

  it('of a rule that only alerts go live by their proposal, asked for a fresh proof', async () => {
    const draft = await edit(li, 'quiet-two', quiet('quiet-two'))
    await tried(li, draft)
    const bare = await li.call('rulePropose', { params: params(draft), body: { reason: 'no proof' } })
    expect(bare).toMatchObject({ status: 403, body: { code: 'step_up_required' } })
    expect((await step(li, 'rulePropose', draft)).body).toMatchObject({ state: 'live', two_persons: false })
    expect(await inForce('quiet-two')).toBe(draft.yaml)
  })

  it('go back, with a second person; to switch a freezing rule off takes two as well', async () => {
    const [live, first] = (await history('bulk-photo-view')) as [RuleVersion, RuleVersion]
    const back = (await step(li, 'ruleRollback', first)).body
    expect(back).toMatchObject({ number: 3, state: 'proposed', rollback_to: 1, yaml: first.yaml })
    expect((await step(wang, 'ruleApprove', back)).body).toMatchObject({ state: 'live' })
    expect(await inForce('bulk-photo-view')).toBe(first.yaml)
    const off = await edit(li, 'bulk-photo-view', live.yaml.replace('custodia:', 'custodia:\n  mode: off'), 3)
    await tried(li, off)
    expect((await step(li, 'rulePropose', off)).body).toMatchObject({ state: 'proposed', two_persons: true })
    const stale = await wang.call('ruleReject', { params: params(off), body: { reason: 'we need it' } })
    expect(stale.body).toMatchObject({ state: 'ended', decision: 'we need it' })
  })

  it('are refused with their lines, and drafts may be broken for a while', async () => {
    const draft = await edit(li, 'quiet-three', 'title: [')
    expect(draft).toMatchObject({ state: 'draft', two_persons: true })
    const answer = await li.call('ruleTry', { params: params(draft), body: { days: 7 } })
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'rule_not_usable', detail: /quiet-three\.yml:1: not valid/ },
    })
    const { problems } = await li.ok('ruleCheck', { body: { name: 'quiet-three', yaml: 'title: [' } })
    expect(problems).toEqual([expect.objectContaining({ line: 1 })])
  })

  it('fail by what there was to count: a longer period than the history makes no rule quieter', async () => {
    for (let n = 0; n < 12; n++) await li.ok('alerts', { query: { actor: `nobody-${n}` } })
    await gateway.settled()
    const every = `title: Every list\nname: every-list
logsource: { product: custodia, category: access }
detection: { selection: { action: list }, condition: selection }
custodia: { respond: [alert], suppress: 0s }
`
    const draft = await edit(li, 'every-list', every)
    for (const days of [7, 400]) {
      const { trial } = await li.ok('ruleTry', { params: params(draft), body: { days } })
      expect(trial).toMatchObject({ failed: ['alerts'] })
    }
    expect(await li.call('ruleTry', { params: params(draft), body: { days: 6 } })).toMatchObject({ status: 400 })
    const again = await edit(li, 'every-list', every.replace('action: list', 'actor: nobody'), draft.number)
    const { trial, trials } = await tried(li, again)
    expect(trial).toMatchObject({ failed: [] })
    expect(trials.map(({ failed, of_this_text }) => [failed.length, of_this_text])).toEqual([
      [1, false],
      [1, false],
      [0, true],
    ])
  })

  it('end as proposals when their author is frozen, though the freeze is lifted before anybody looks', async () => {
    const chen = await gateway.signedIn('analyst')
    const base = (await history('bulk-export'))[0] as RuleVersion
    const draft = await edit(chen, 'bulk-export', base.yaml.replace('hold: true', 'hold: true\n  mode: shadow'), 1)
    await tried(chen, draft)
    await step(chen, 'rulePropose', draft)
    const person = { params: { id: chen.accountId }, body: { reason: 'stolen laptop' } }
    await wang.ok('personFreeze', { ...person, body: { ...person.body, minutes: 5 } })
    await wang.ok('personLift', { ...person, headers: await proofFor(gateway, wang, 'personLift', person) })
    expect(await step(wang, 'ruleApprove', draft)).toMatchObject({ status: 409 })
    expect((await history('bulk-export'))[0]).toMatchObject({ state: 'ended', decision: 'author_frozen' })
    expect(await inForce('bulk-export')).toBe(base.yaml)
  })

  it('come as files of the house: at once where nobody edited, offered where somebody did, told where broken', async () => {
    const save = (name: string, text: string) => writeFile(join(gateway.dataDir, 'rules', `${name}.yml`), text)
    await save('from-a-file', quiet('from-a-file'))
    await until(async () => (await inForce('from-a-file')) !== undefined)
    for (const more of ['level: low\n', '']) {
      await save('from-a-file', quiet('from-a-file', more)) // changed, and put back as it was
      await until(async () => (await inForce('from-a-file')) === quiet('from-a-file', more))
    }
    await save('quiet-two', quiet('quiet-two', 'level: critical\n'))
    await until(async () => (await history('quiet-two'))[0]?.state === 'proposed')
    expect((await history('quiet-two'))[0]).toMatchObject({ number: 2, reason: 'a file of the house' })
    expect(await inForce('quiet-two')).toBe(quiet('quiet-two'))
    await save('from-a-file', 'title: [')
    await until(async () => (await newest()).problems.length > 0)
    expect((await newest()).problems).toEqual([expect.objectContaining({ file: 'from-a-file.yml', line: 1 })])
    expect(await inForce('from-a-file')).toBe(quiet('from-a-file'))
  })

  it('come as files of the house and wait for two people where they freeze or hold, whatever the house wants', async () => {
    const save = (name: string, text: string) => writeFile(join(gateway.dataDir, 'rules', `${name}.yml`), text)
    const freezes = quiet('from-a-file', 'custodia: { respond: [freeze: 1h] }\n')
    await save('from-a-file', freezes)
    await until(async () => (await history('from-a-file'))[0]?.yaml === freezes)
    const [proposal] = (await history('from-a-file')) as [RuleVersion]
    expect(proposal).toMatchObject({ state: 'proposed', two_persons: true, reason: 'a file of the house' })
    expect(proposal.author).toBeUndefined()
    await tried(li, proposal)
    expect((await step(li, 'ruleApprove', proposal)).body).toMatchObject({ state: 'proposed', author: li.accountId })
    expect(await inForce('from-a-file')).toBe(quiet('from-a-file'))
    expect(await step(li, 'ruleApprove', proposal)).toMatchObject({ body: { code: 'second_person_required' } })
    expect((await step(wang, 'ruleApprove', proposal)).body).toMatchObject({
      state: 'live',
      decided_by: wang.accountId,
    })
    expect(await inForce('from-a-file')).toBe(freezes)
  })

  it('keep what freezes where a file would switch it off, or take its name under another: told, and nothing else', async () => {
    const save = (name: string, text: string) => writeFile(join(gateway.dataDir, 'rules', `${name}.yml`), text)
    const text = (await inForce('bulk-reveal')) as string
    await save('bulk-reveal', text.replace('custodia:', 'custodia:\n  mode: off'))
    await until(async () => (await history('bulk-reveal'))[0]?.state === 'proposed')
    await save('aaa', quiet('bulk-reveal'))
    await until(async () => (await newest()).problems.some(({ file }) => file === 'aaa.yml'))
    const { problems, files } = await newest()
    expect(problems.find(({ file }) => file === 'aaa.yml')?.reason).toMatch(/^would break bulk-reveal\.yml: /)
    expect(files.map(({ file }) => file)).not.toContain('aaa.yml')
    expect(await inForce('bulk-reveal')).toBe(text)
    await rm(join(gateway.dataDir, 'rules', 'aaa.yml'))
  })

  it('of the placeholders are versions like any other: what uses them is what they change', async () => {
    expect(await history('placeholders')).toEqual([])
    const lists = await edit(li, 'placeholders', 'vips: [nobody]\n')
    await tried(li, lists)
    expect((await step(li, 'rulePropose', lists)).body).toMatchObject({ state: 'live', two_persons: false })
    const yaml = quiet('quiet-six', 'custodia: { respond: [freeze: 1h] }\n')
    const rule = await edit(li, 'quiet-six', yaml.replace('actor: nobody', "actor|expand: '%vips%'"))
    await tried(li, rule)
    await step(li, 'rulePropose', rule)
    expect((await step(wang, 'ruleApprove', rule)).body).toMatchObject({ state: 'live' })
    const inForceAs = async () => (await newest()).rules.find(({ name }) => name === 'quiet-six')?.version
    const before = await inForceAs()
    expect(before).toBeDefined()

    const more = await edit(li, 'placeholders', 'vips: [nobody, nobody-else]\n', 1)
    expect(more).toMatchObject({ number: 2, two_persons: true })
    expect((await tried(li, more)).trial?.rules).toMatchObject([{ rule: 'quiet-six', live: { same: false } }])
    expect((await step(li, 'rulePropose', more)).body).toMatchObject({ state: 'proposed' })
    expect(await inForceAs()).toBe(before)
    expect((await step(wang, 'ruleApprove', more)).body).toMatchObject({ state: 'live' })
    expect(await inForce('placeholders')).toBe(more.yaml)
    expect(await inForceAs()).not.toBe(before)

    const without = await edit(li, 'placeholders', 'other: [nobody]\n', 2)
    expect(await li.call('ruleTry', { params: params(without), body: { days: 7 } })).toMatchObject({
      status: 422,
      body: { code: 'rule_not_usable', detail: /quiet-six\.yml:4: placeholder %vips% is not defined/ },
    })
  })

  it('of a list and a rule that uses it come in one go, in whatever order, and go into force the list first', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodia-rules-'))
    const lists = 'vips: [nobody, nobody-else]\nguests: [nobody]\n'
    await writeFile(join(dir, 'placeholders.yml'), lists)
    await writeFile(join(dir, 'a-guest.yml'), quiet('a-guest').replace('actor: nobody', "actor|expand: '%guests%'"))
    await writeFile(join(dir, 'b-lost.yml'), quiet('b-lost').replace('actor: nobody', "actor|expand: '%lost%'"))
    const counting = 'type: event_count, rules: [z-base], group-by: [actor], timespan: 1h, condition: { gte: 9 }'
    await writeFile(join(dir, 'c-counts.yml'), `title: Counts\nname: c-counts\ncorrelation: { ${counting} }\n`)
    await writeFile(join(dir, 'z-base.yml'), quiet('z-base'))
    const told = await gateway.app.get(Importer).offer(await readFolder(dir))
    expect(told.offered.map((one) => one.split('@')[0]).sort()).toEqual(['a-guest', 'c-counts', 'placeholders', 'z-base']) // prettier-ignore
    expect(told.refused).toEqual([{ file: 'b-lost.yml', problem: expect.stringMatching(/^line \d+: placeholder %lost% is not/) }]) // prettier-ignore
    await rm(dir, { recursive: true })

    const proposal = async (name: string) => (await history(name)).find(({ state }) => state === 'proposed')!
    const [guest, list] = [await proposal('a-guest'), await proposal('placeholders')]
    expect(await li.call('ruleTry', { params: params(guest), body: { days: 7 } })).toMatchObject({ status: 422 })
    await tried(li, list)
    const approve = async (...which: RuleVersion[]) => {
      const body = { versions: which.map(({ name, number }) => ({ name, number })), reason: 'read them' }
      return (await proven(gateway, li, 'ruleApproveEach', { body })).body.items.map(({ name, problem }) => [name, problem?.code]) // prettier-ignore
    }
    expect(await approve(guest, list)).toEqual([
      ['placeholders', undefined],
      ['a-guest', 'backtest_missing'],
    ])
    await tried(li, guest)
    expect(await approve(guest)).toEqual([['a-guest', undefined]])
    expect(await inForce('a-guest')).toBe(guest.yaml)
  })

  it('of a file end when it says something else, or is gone, and come again with it', async () => {
    const path = join(gateway.dataDir, 'rules', 'quiet-two.yml')
    const texts = ['level: medium\n', 'level: high\n'].map((more) => quiet('quiet-two', more))
    const states = async () =>
      (await history('quiet-two'))
        .filter(({ author, reason }) => !author && reason === 'a file of the house')
        .map(({ yaml, state, decision }) => [texts.indexOf(yaml), state, decision])
    for (const text of texts) {
      await writeFile(path, text)
      await until(async () => (await history('quiet-two'))[0]?.yaml === text)
    }
    expect((await states()).slice(0, 2)).toEqual([
      [1, 'proposed', undefined],
      [0, 'ended', 'file_changed'],
    ])
    await writeFile(path, texts[0]!) // as it was before: offered anew
    await until(async () => (await states())[0]?.[0] === 0)
    expect((await states())[1]).toEqual([1, 'ended', 'file_changed'])
    await rm(path)
    await until(async () => (await states())[0]?.[1] === 'ended')
    expect((await states())[0]).toEqual([0, 'ended', 'file_gone'])
    await writeFile(path, quiet('quiet-two')) // as it is in force
    await writeFile(path, texts[0]!)
    await until(async () => (await states())[0]?.[1] === 'proposed')
    await writeFile(path, quiet('quiet-two'))
    await until(async () => (await states())[0]?.[1] === 'ended')
    expect((await states())[0]).toEqual([0, 'ended', 'file_changed'])
  })

  it('write an event for each step, with id and version', async () => {
    const steps: string[] = []
    for await (const { value } of readLog(gateway.logDir, 'access-events')) {
      const event = JSON.parse(Buffer.from(value).toString()) as AccessEvent
      if (event.action === 'rule_change' && event.outcome === 'granted')
        steps.push(`${event.fields?.join()} ${event.record_id}`)
    }
    expect(steps).toEqual(
      expect.arrayContaining([
        'rule.edit bulk-photo-view@2',
        'rule.backtest bulk-photo-view@2',
        'rule.propose bulk-photo-view@2',
        'rule.approve bulk-photo-view@2',
        'rule.rollback bulk-photo-view@3',
        'rule.reject bulk-photo-view@4',
        'rule.end bulk-export@2',
        'rule.import from-a-file@1',
        'rule.offer quiet-two@2',
        'rule.end quiet-two@2',
      ]),
    )
  })

  it('leave as files and come back as proposals, which wait for a person wherever the files lie', async () => {
    const files = await textsInForce(gateway.records.db)
    expect([...files.keys()]).toEqual(expect.arrayContaining(['bulk-view.yml', 'bulk-view.cases.yml']))
    const dir = await mkdtemp(join(tmpdir(), 'custodia-rules-'))
    await writeFiles(join(dir, 'out'), files)
    await expect(writeFiles(join(dir, 'out'), files)).rejects.toThrow('is not empty')
    const importer = gateway.app.get(Importer)
    const again = await importer.offer(await readFolder(join(dir, 'out')))
    expect(again).toMatchObject({ offered: [], refused: [] })
    expect(again.known).toBe((await newest()).files.length)

    const text = files.get('bulk-delete.yml')!
    await writeFile(join(dir, 'out', 'bulk-delete.yml'), text.replace('level: high', 'level: critical'))
    await writeFile(join(dir, 'out', 'bulk-search.yml'), 'title: Broken')
    await writeFile(join(dir, 'out', 'quiet-odd.yml'), quiet('quiet-odd'))
    await writeFile(join(dir, 'out', 'quiet-odd.cases.yml'), Buffer.from([0x66, 0x0a, 0xff]))
    const told = await importer.offer(await readFolder(join(dir, 'out')))
    expect(told).toMatchObject({
      offered: [expect.stringMatching(/^bulk-delete@\d+$/)],
      refused: [
        { file: 'bulk-search.yml' },
        { file: 'quiet-odd.cases.yml', problem: expect.stringMatching(/^line 2: this is not UTF-8/) },
      ],
    })
    expect((await history('bulk-delete')).find(({ state }) => state === 'proposed')?.yaml).toContain('critical')
    expect(await inForce('bulk-delete')).toBe(text)
    await rm(dir, { recursive: true })
  })

  it('tell of cases that cannot be read in the folder of a release as well', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodia-release-'))
    const house = await mkdtemp(join(tmpdir(), 'custodia-house-'))
    await writeFile(join(dir, 'bulk-view.yml'), (await textsInForce(gateway.records.db)).get('bulk-view.yml')!)
    await writeFile(join(dir, 'bulk-view.cases.yml'), Buffer.from([0x66, 0x0a, 0xff]))
    const config = { ...gateway.app.get<Config>(CONFIG), rulesDirs: [dir, house] }
    const [capture, workshop] = [gateway.app.get(CaptureService), gateway.app.get(RuleWorkshop)]
    const told = await new Importer(gateway.records, gateway.log, config, capture, workshop).run()
    expect(told?.problems).toEqual([expect.objectContaining({ file: 'bulk-view.cases.yml', line: 2 })])
    await rm(dir, { recursive: true })
    await rm(house, { recursive: true })
  })
})
