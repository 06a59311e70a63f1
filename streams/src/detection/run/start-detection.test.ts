import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keyOf } from '@custodia/contracts'
import type { AccessEvent, AlertRecord, DeadLetter, RuleSet, Topic, Verdict } from '@custodia/contracts'
import { anAccessEvent } from '@custodia/contracts/testing'
import { MAX_VALUE_BYTES, openEmbeddedEventLog } from '../../event-log/index.js'
import type { EventLog } from '../../event-log/index.js'
import { addressRule, photoRule } from '../testing/rules.js'
import { publishRules } from './publish-rules.js'
import { startDetection } from './start-detection.js'
import type { Detection } from './start-detection.js'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

let dir: string
let log: EventLog
let detection: Detection

const start = async (over: { log?: EventLog } = {}): Promise<Detection> =>
  (detection = await startDetection({ log, rulesDirs: [join(dir, 'rules')], logger: silent, now: Date.now, ...over }))

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'detection-'))
  log = await openEmbeddedEventLog({ dir: join(dir, 'log') })
  await mkdir(join(dir, 'rules'))
  await writeFile(join(dir, 'rules', 'photo.yml'), photoRule())
  await writeFile(join(dir, 'rules', 'address.yml'), addressRule)
})
afterEach(async () => {
  await detection.stop().catch(() => undefined) // a test may have failed it on purpose
  await log.close()
  await rm(dir, { recursive: true })
})

const append = (event: AccessEvent) =>
  log.append('access-events', { key: keyOf(event), value: Buffer.from(JSON.stringify(event)) })

const valuesOf = async <T>(topic: Topic): Promise<T[]> => {
  const values: T[] = []
  for (const { partition, start: from, end } of await log.range(topic))
    for await (const record of log.read(topic, partition, from, end))
      values.push(JSON.parse(Buffer.from(record.value).toString()) as T)
  return values
}

/** looks again until there are `count` values; jest's own time limit ends a wait that is in vain */
const until = async <T>(topic: Topic, count: number): Promise<T[]> => {
  for (;;) {
    const values = await valuesOf<T>(topic)
    if (values.length >= count) return values
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** waits until the newest rule set in the log is in force */
const rulesInForce = async (sets: number): Promise<RuleSet> => {
  const newest = (await until<RuleSet>('rule-sets', sets)).at(-1) as RuleSet
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(newest.effective_from) + 5 - Date.now())))
  return newest
}

const view = (customer: number): AccessEvent =>
  anAccessEvent({ action: 'photo_view', outcome: 'held', customer_id: `customer-${customer}` })

describe('startDetection', () => {
  it('lets exactly N of parallel held accesses pass, alerts once, and goes on after a restart', async () => {
    await start()
    await rulesInForce(1)
    await Promise.all(Array.from({ length: 20 }, (_, customer) => append(view(customer))))
    const verdicts = await until<Verdict>('verdicts', 20)
    expect(verdicts.filter(({ verdict }) => verdict === 'allowed')).toHaveLength(3)
    await detection.stop()
    await start()
    await append(view(30))
    expect((await until<Verdict>('verdicts', 21)).at(-1)).toMatchObject({ verdict: 'refused', rule: 'photo-views' })
    const alerts = await until<AlertRecord>('alerts', 1)
    expect(alerts).toEqual([{ kind: 'raised', alert: expect.objectContaining({ value: 4, limit: 3 }) }])
  })

  it('judges events under another key within seconds, though nothing follows them', async () => {
    await start()
    await rulesInForce(1)
    const failures = Array.from({ length: 5 }, (_, i) => ({ action: 'sign_in' as const, actor: `clerk-${i}` }))
    for (const failure of failures) await append(anAccessEvent({ ...failure, outcome: 'failed', ip: '203.0.113.9' }))
    const [record] = await until<AlertRecord>('alerts', 1)
    expect(record).toMatchObject({ alert: { group: { ip: '203.0.113.9' }, value: 5, may_freeze: true } })
  })

  it('puts what it cannot read into the dead letters and goes on', async () => {
    await start()
    await rulesInForce(1)
    await log.append('access-events', { key: 'clerk-1', value: Buffer.from('not an event') })
    await append(view(1))
    expect(await until('dead-letters', 1)).toEqual([expect.objectContaining({ step: 'parseAccessEvent' })])
    expect(await until('verdicts', 1)).toHaveLength(1)
  })

  it('goes on after a record as large as the log takes that nobody can read: its letter is cut to fit', async () => {
    await start()
    await rulesInForce(1)
    await log.append('access-events', { key: 'clerk-1', value: Buffer.alloc(MAX_VALUE_BYTES, 'x') })
    await append(view(1))
    expect(await until('verdicts', 1)).toHaveLength(1)
    const [letter] = await until<DeadLetter>('dead-letters', 1)
    expect(letter).toMatchObject({ topic: 'access-events', offset: 0, reason: 'not JSON' })
  })

  it('takes over a new set while it runs, whatever its own files say; of a broken file the one before stays', async () => {
    await start()
    await publishRules(log, [{ file: 'photo.yml', yaml: photoRule({ limit: 1 }) }], Date.now())
    await rulesInForce(2)
    await append(view(1))
    await append(view(2))
    expect((await until<Verdict>('verdicts', 2)).at(-1)).toMatchObject({ verdict: 'refused', limit: 1 })
    await publishRules(log, [{ file: 'photo.yml', yaml: 'title: [' }], Date.now())
    const broken = await rulesInForce(3)
    expect(broken.problems).toEqual([expect.objectContaining({ file: 'photo.yml' })])
    expect(broken.rules.map(({ name }) => name)).toContain('photo-views')
  })

  it('fails when it cannot write, and decides the same after a restart', async () => {
    let broken = true
    const failing: EventLog = {
      ...log,
      appendAll: (topic, records) =>
        broken && topic === 'alerts' ? Promise.reject(new Error('the disk is full')) : log.appendAll(topic, records),
    }
    await start({ log: failing })
    await rulesInForce(1)
    const failed = expect(detection.done).rejects.toThrow('the disk is full')
    for (const customer of [1, 2, 3, 4]) await append(view(customer))
    await failed
    broken = false
    await start({ log: failing })
    const [record] = await until<AlertRecord>('alerts', 1)
    expect(record).toMatchObject({ alert: { value: 4, evidence_total: 4 } })
    const verdicts = new Map((await valuesOf<Verdict>('verdicts')).map(({ event_id, verdict }) => [event_id, verdict]))
    expect([...verdicts.values()].sort()).toEqual(['allowed', 'allowed', 'allowed', 'refused'])
  })
})
