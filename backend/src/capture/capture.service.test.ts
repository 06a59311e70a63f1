import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keyOf, topics, type AccessEvent, type Verdict } from '@custodia/contracts'
import { openEmbeddedEventLog, type EventLog, type LogRecord } from '@custodia/streams/event-log'
import { readConfig } from '../config.js'
import { Policy } from '../gateway/policy-in-force.js'
import { CaptureService } from './capture.service.js'
import { Enricher } from './enricher.js'
import { Metrics } from './metrics.js'

let dir: string
let log: EventLog
let capture: CaptureService
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-capture-'))
  log = await openEmbeddedEventLog({ dir })
  await open('10000')
})
afterEach(async () => {
  await capture.onModuleDestroy()
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

async function open(holdTimeoutMs: string) {
  const calendar = () => ({ workday: true, off_hours: false, version: 'test' })
  const enricher = new Enricher(calendar, { countryOf: () => 'CN' } as never)
  capture = new CaptureService(log, readConfig({ CUSTODIA_HOLD_TIMEOUT_MS: holdTimeoutMs }), enricher, new Metrics())
  await capture.onModuleInit()
}

const caller = {
  id: 'clerk-1', username: 'clerk', displayName: 'Clerk', role: 'staff', team: '', branch: 'shanghai',
  demo: false, drill: false, door: 'password', session: 's-1', level: 'full', newDevice: false,
  policy: new Policy(),
} as const // prettier-ignore
const origin = { ip: '10.0.0.1', requestId: 'r-1' }
const held = () => capture.build('photo_view', 'held', { customer_id: 'c-1' }, origin, caller)

const answer = (event: Pick<AccessEvent, 'id'>, verdict: Partial<Verdict>) =>
  log.append('verdicts', {
    key: 'clerk-1',
    value: Buffer.from(
      JSON.stringify({ event_id: event.id, verdict: 'allowed', time: new Date().toISOString(), ...verdict }),
    ),
  })

async function recordsOf(topic: 'verdicts' | 'access-events'): Promise<LogRecord[]> {
  const all: LogRecord[] = []
  for (const { partition, start, end } of await log.range(topic))
    for await (const record of log.read(topic, partition, start, end)) all.push(record)
  return all
}

describe('CaptureService', () => {
  it('builds events of the contract: who, where, when, and no more', () => {
    const event = capture.build('view', 'granted', { customer_id: 'c-1' }, origin, caller)
    expect(topics['access-events'].value.parse(event)).toMatchObject({
      actor: 'clerk-1',
      country: 'CN',
      calendar: 'test',
    })
    expect(JSON.stringify(event)).not.toContain('Clerk')
  })

  it('lets a held access go on when it is allowed, and only then', async () => {
    const event = held()
    let served = false
    const access = capture.appendHeld([event], event).then(() => (served = true))
    await answer({ id: 'somebody-else' }, {})
    await answer(event, { verdict: 'allowed' })
    await access
    expect(served).toBe(true)
  })

  it('refuses with the rule and its limit', async () => {
    const event = held()
    const access = capture.appendHeld([event], event)
    await answer(event, { verdict: 'refused', rule: 'bulk-photo-view', limit: 50 })
    await expect(access).rejects.toMatchObject({ code: 'limit_reached', extra: { rule: 'bulk-photo-view', limit: 50 } })
  })

  it('is not silenced by a record that is no verdict', async () => {
    const event = held()
    const access = capture.appendHeld([event], event)
    await log.append('verdicts', { key: 'clerk-1', value: Buffer.from('{not json') })
    await log.append('verdicts', { key: 'clerk-1', value: Buffer.from('{"event_id":7}') })
    await answer(event, { verdict: 'allowed' })
    await expect(access).resolves.toMatchObject({ offset: expect.any(Number) })
    await expect(capture.check()).resolves.toBeUndefined()
  })

  it('without a verdict in time serves nothing, and writes that down beside the access', async () => {
    await capture.onModuleDestroy()
    await open('50')
    const event = held()
    await expect(capture.appendHeld([event], event)).rejects.toMatchObject({ code: 'verdict_missing', status: 503 })
    const [expired] = await recordsOf('verdicts')
    const [access] = await recordsOf('access-events')
    expect(JSON.parse(Buffer.from(expired?.value ?? []).toString())).toMatchObject({
      event_id: event.id,
      verdict: 'expired',
    })
    expect(expired).toMatchObject({ key: keyOf(event), partition: access?.partition })
  })

  it('with the log gone refuses with a code', async () => {
    await log.close()
    const event = held()
    await expect(capture.append([event])).rejects.toMatchObject({ code: 'event_log_unavailable', status: 503 })
    await expect(capture.appendHeld([event], event)).rejects.toMatchObject({ code: 'event_log_unavailable' })
  })
})
