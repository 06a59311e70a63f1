import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { hostname } from 'node:os'
import { inArray } from 'drizzle-orm'
import { pino } from 'pino'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { gateways } from '../record-store/schema.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { PresenceService, silentAfterMs } from './presence.service.js'

describe('gateways that say they are there', () => {
  let rooms: Rooms
  let store: RecordStore
  beforeAll(async () => {
    rooms = await startRooms()
    store = rooms.app.get(RECORD_STORE)
    await rooms.app.get(PresenceService).onModuleDestroy() // this one says nothing of its own accord any more
  })
  afterAll(() => rooms?.stop())

  const now = Date.now()
  const aGateway = (port: number) => {
    const config = rooms.app.get<Config>(CONFIG)
    const capture = rooms.app.get(CaptureService)
    return new PresenceService(store, { ...config, http: { ...config.http, port } }, pino({ level: 'silent' }), capture)
  }
  const nameOf = (port: number) => `${hostname()}:${port}`
  const lastWord = (name: string, agoMs: number) =>
    store.db.insert(gateways).values({ name, seenAt: new Date(Date.now() - agoMs) })
  const told = async () =>
    (await rooms.events()).filter(({ reason }) => reason === 'gateway_silent').map((event) => event.record_id)
  const there = async () => (await store.db.select().from(gateways)).map(({ name }) => name).sort()

  it('tell of one that went without a word, once, however many look', async () => {
    const [one, two] = [aGateway(1), aGateway(2)]
    await Promise.all([one.round(now), two.round(now)])
    await lastWord('lost:1', silentAfterMs + 5000)
    await lastWord('late:1', silentAfterMs - 30_000)
    await Promise.all([one, two].map((each) => each.round(now + 30_000)))
    await Promise.all([one, two].map((each) => each.round(now + silentAfterMs)))
    expect(await told()).toEqual(['lost:1'])
    expect(await there()).toEqual([nameOf(1), nameOf(2), 'late:1'].sort())
  })

  it('tell of nobody else before their own word was heard for as long: the record store may have been away for all', async () => {
    const one = aGateway(3)
    await one.round(now)
    await lastWord('lost:2', silentAfterMs + 5000)
    await one.round(now + 30_000)
    await one.round(now + silentAfterMs - 1)
    expect(await told()).toEqual(['lost:1'])
    await one.round(now + silentAfterMs)
    expect(await told()).toEqual(['lost:1', 'lost:2'])
  })

  it('tell of themselves when they stood still, not when the record store was away', async () => {
    const [hung, cutOff] = [7, 8]
    const [one, two] = [aGateway(hung), aGateway(cutOff)]
    await Promise.all([one.round(now), two.round(now)])
    const longAgo = { seenAt: new Date(Date.now() - silentAfterMs - 5000) }
    await store.db
      .update(gateways)
      .set(longAgo)
      .where(inArray(gateways.name, [hung, cutOff].map(nameOf)))
    await one.round(now + silentAfterMs)
    await two.round(now + 10_000)
    expect(await told()).toEqual(['lost:1', 'lost:2', nameOf(hung)])
  })

  it('tell of themselves when they are back after so long, and not after a goodbye or a quick start', async () => {
    const [crashed, stopped, quick] = [4, 5, 6]
    await lastWord(nameOf(crashed), silentAfterMs + 5000)
    await lastWord(nameOf(stopped), silentAfterMs + 5000)
    await lastWord(nameOf(quick), 1000)
    await aGateway(stopped).onModuleDestroy()
    for (const port of [crashed, stopped, quick]) await aGateway(port).round(now)
    expect(await told()).toEqual(['lost:1', 'lost:2', nameOf(7), nameOf(crashed)])
  })
})
