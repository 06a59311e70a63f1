import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import type { AccessEvent, AlertRecord, Topic, Verdict } from '@custodia/contracts'
import { settled, until } from '../../backend/src/testing/settled.js'
import { BaselineBook } from '../../streams/src/detection/baselines/index.js'
import { verifyWriterChains, type RawRecord } from '../../streams/src/integrity/index.js'
import type { Cluster } from './cluster.js'
import { decideUninterrupted, onlyRuleSet, type Decided } from './uninterrupted.js'

/** The log, by a reader that shares no code with the system's. */
type ReadLog = (topic: Topic) => Promise<RawRecord[]>

export interface WhatHappened {
  cluster: Cluster
  read: ReadLog
  /** ids of events that answers named: they were acknowledged */
  heard: string[]
}

const parsed = <T>(records: RawRecord[]): T[] => records.map(({ value }) => JSON.parse(value.toString()) as T)

const sayNothingTwice = (ids: string[]): void => expect(ids.length).toBe(new Set(ids).size)

const alertsIn = (records: RawRecord[]): Set<string> =>
  new Set(parsed<AlertRecord>(records).flatMap((record) => (record.kind === 'raised' ? [record.alert.id] : [])))

/**
 * Once nothing is on its way any more: what was acknowledged is in the log and in ClickHouse once, nothing is there twice, and
 * all of it was judged as if nothing had ever been interrupted. Resolves with a line of figures.
 */
export async function compareWithLog({ cluster, read, heard }: WhatHappened): Promise<string> {
  await settled(cluster.log, true)
  const access = await read('access-events')
  const usual = new BaselineBook(cluster.log, Date.now)
  await usual.knowsUntil(Infinity)
  const expected = decideUninterrupted(access, onlyRuleSet(await read('rule-sets')), usual)
  await untilDecided(cluster, read, expected)
  await settled(cluster.log, true)
  await compareEvents(cluster, access, heard)
  await compareDecisions(cluster, read, expected)
  const { alerts, verdicts } = expected
  return `${access.length} events, ${heard.length} acknowledged, ${alerts.size} alerts, ${verdicts.size} verdicts`
}

/** Rules under other keys act a moment later. What never comes is told by the comparison. */
async function untilDecided(cluster: Cluster, read: ReadLog, expected: Decided): Promise<void> {
  let patience = 60
  await until(async () => {
    await sleep(1000)
    await settled(cluster.log, true)
    return alertsIn(await read('alerts')).size >= expected.alerts.size || --patience === 0
  })
  await sleep(3000) // and one that should not come would come now
}

async function compareEvents(cluster: Cluster, access: RawRecord[], heard: string[]): Promise<void> {
  const ids = parsed<AccessEvent>(access).map(({ id }) => id)
  sayNothingTwice(ids)
  const known = new Set(ids)
  expect(heard.filter((id) => !known.has(id))).toEqual([])
  expect(heard.length).toBeGreaterThan(100)
  const rows = (await cluster.audit.query<{ id: string }>('SELECT id FROM access_events')).map(({ id }) => id)
  sayNothingTwice(rows)
  expect(new Set(rows)).toEqual(known)
  const { problems } = await verifyWriterChains(access.map(({ value }) => value))
  expect(problems).toEqual([])
}

async function compareDecisions(cluster: Cluster, read: ReadLog, expected: Decided): Promise<void> {
  expect(expected.alerts.size).toBeGreaterThan(5)
  expect(alertsIn(await read('alerts'))).toEqual(expected.alerts)
  const landed = await cluster.audit.query<{ id: string }>('SELECT DISTINCT id FROM alerts')
  expect(new Set(landed.map(({ id }) => id))).toEqual(expected.alerts)
  const told = parsed<Verdict>(await read('verdicts')).filter(({ verdict }) => verdict !== 'expired')
  for (const { event_id, verdict } of told)
    expect([event_id, verdict]).toEqual([event_id, expected.verdicts.get(event_id)])
  expect(new Set(told.map(({ event_id }) => event_id))).toEqual(new Set(expected.verdicts.keys()))
}
