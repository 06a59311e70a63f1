import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LiveItem } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { startCutLine, type CutLine } from '../../backend/src/testing/cut-line.js'
import { until } from '../../backend/src/testing/settled.js'
import type { LiveState } from '../../dashboard/src/live/live-state.js'
import { LiveStream } from '../../dashboard/src/live/live-stream.js'
import { seeded } from '../../streams/src/detection/testing/random.js'
import { startCluster, type Cluster } from './cluster.js'
import { seed } from './kill-story.js'

const random = seeded(seed)
const rounds = 100
const alertsPerRound = 20
const roundsPerKill = 10
/** What a connection carries without any record. */
const perConnection = 2_000

/** The dashboard's own stream, at a line that is cut at any byte, to gateways that are killed; a page shows what it knows. */
describe('a page that stays open', () => {
  let cluster: Cluster
  let line: CutLine
  let stream: LiveStream
  let state: LiveState
  const news: LiveItem[] = []
  const received: LiveItem[] = []
  const resumed: boolean[] = []
  const words: string[] = []
  let appended = 0

  beforeAll(async () => {
    cluster = await startCluster({ gateways: 2, streams: [] })
    line = await startCutLine(cluster.ports[0]!)
    const analyst = await cluster.signedIn('analyst')
    const listener = {
      state: (now: LiveState) => (state = now),
      connection: (word: string) => words.push(word),
      news: (items: readonly LiveItem[]) => news.push(...items),
      feed: () => undefined,
      ready: (again: boolean) => resumed.push(again),
      bye: () => undefined,
    }
    const extraHeaders = { host: 'localhost:8080', cookie: analyst.cookieHeader(), origin: 'http://localhost:8080' }
    const timing = { reconnectionDelay: 20, reconnectionDelayMax: 200 }
    stream = new LiveStream(`http://127.0.0.1:${line.port}/live`, listener, { ...timing, extraHeaders })
    const { socket } = stream as unknown as {
      socket: { on(name: 'records', hear: (m: { items: LiveItem[] }) => void): void }
    }
    socket.on('records', ({ items }) => received.push(...items))
    await until(() => words.includes('connected'))
    news.length = received.length = 0
  })
  afterAll(async () => {
    stream?.close()
    await line?.stop()
    await cluster?.stop()
  })

  const append = async (topic: 'alerts' | 'accounts', key: string, record: object): Promise<void> => {
    const value = Buffer.from(JSON.stringify(record))
    appended += value.length
    await cluster.log.append(topic, { key, value })
  }
  const raise = async (round: number): Promise<void> => {
    for (let n = 0; n < alertsPerRound; n++) {
      const alert = anAlert({ id: `alert-${round}-${n}`, actor: undefined, respond: [{ do: 'alert' }] })
      await append('alerts', alert.id, { kind: 'raised', alert })
    }
    const at = new Date().toISOString()
    await append('accounts', `clerk-${round}`, { kind: 'measured', account: `clerk-${round}`, measures: [], at })
  }
  const inLog = async (topic: 'alerts' | 'accounts'): Promise<number[]> => {
    const offsets: number[] = []
    for await (const { offset } of cluster.log.read(topic, 0, 0)) offsets.push(offset)
    return offsets
  }

  it(`is cut ${rounds} times and loses its gateway ${rounds / roundsPerKill} times while 2,000 alerts are raised: each is there once, and nothing else was sent`, async () => {
    const before = { bytes: line.bytes, connections: line.connections }
    let serving = 0
    let mayBeLost = 0
    for (let round = 0; round < rounds; round++) {
      const cuts = line.cuts
      const carries = 1 + random.below(10_000)
      mayBeLost += carries
      line.cutAfter(carries)
      await raise(round)
      await until(() => line.cuts > cuts)
      if (round % roundsPerKill !== roundsPerKill - 1) continue
      const other = 1 - serving
      await cluster.gateways[other]!.started()
      if (random.chance(0.7)) line.leadTo(cluster.ports[other]!) // the page goes elsewhere; or waits for this one
      await cluster.gateways[serving]!.kill()
      if (line.leadsTo === cluster.ports[other]) serving = other
    }
    const [alerts, accounts] = [await inLog('alerts'), await inLog('accounts')]
    await until(() => state.cursor?.alerts === alerts.length && state.cursor.accounts === accounts.length)
    await until(() => words.at(-1) === 'connected')

    const offsetsOf = (items: LiveItem[], topic: string) => items.filter((i) => i.topic === topic).map((i) => i.offset)
    expect(alerts).toHaveLength(rounds * alertsPerRound)
    expect(offsetsOf(news, 'alerts')).toEqual(alerts)
    expect(offsetsOf(news, 'accounts')).toEqual(accounts.slice(-rounds))
    expect(received).toEqual(news) // nothing that was there already came again
    expect(state.alerts.size).toBe(alerts.length)
    expect(resumed.slice(1).every(Boolean)).toBe(true)
    const connections = line.connections - before.connections
    expect(connections).toBeGreaterThanOrEqual(rounds)
    const sent = line.bytes - before.bytes
    console.log(`seed ${seed}: ${appended} bytes of records, ${sent} over the line in ${connections} connections`)
    const framing = 60 * news.length
    // Of a message that was cut in the middle, what had come is lost.
    expect(sent).toBeLessThanOrEqual(appended + framing + connections * perConnection + mayBeLost)
  })
})
