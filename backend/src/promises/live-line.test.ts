import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LiveCursor } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { eq } from 'drizzle-orm'
import { Manager } from 'socket.io-client'
import { LiveGateway } from '../live/live.gateway.js'
import { mostBytes } from '../live/follower.js'
import { sessions } from '../record-store/schema.js'
import type { TestClient } from '../testing/client.js'
import { startCutLine, type CutLine } from '../testing/cut-line.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { openLive, type LiveConnection } from '../testing/live-socket.js'
import { until } from '../testing/settled.js'

const origin = 'http://localhost:8080'
/** What a connection carries without any record: the upgrade, its own messages, and a feed that has nothing to show. */
const perConnection = 2_000

describe('what goes over the line of the live page', () => {
  let gateway: TestGateway
  let line: CutLine
  let analyst: TestClient
  let raised = 0

  beforeAll(async () => {
    gateway = await startTestGateway()
    line = await startCutLine(await gateway.listen())
    analyst = await gateway.signedIn('analyst')
  })
  afterAll(async () => {
    await line?.stop()
    await gateway?.stop()
  })

  const raise = async (many: number, evidence: string[] = ['event-1']): Promise<number> => {
    const values = Array.from({ length: many }, () => {
      const alert = anAlert({ id: `alert-${++raised}`, actor: undefined, respond: [{ do: 'alert' }], evidence })
      return { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) }
    })
    for (let n = 0; n < many; n += 100) await gateway.log.appendAll('alerts', values.slice(n, n + 100))
    return values.reduce((sum, { value }) => sum + value.length, 0)
  }
  const open = (who: TestClient, cursor?: LiveCursor): LiveConnection =>
    openLive(line.port, { cookie: who.cookieHeader(), origin, cursor })
  const standing = async (page: LiveConnection): Promise<LiveCursor> => {
    await until(() => page.heard.caught_up.length)
    page.socket.disconnect()
    return page.heard.records.at(-1)?.cursor ?? page.heard.caught_up[0]!.cursor
  }

  it.each([0, 1, 7, 300])('after %i missed alerts is those, and a small constant', async (missed) => {
    const cursor = await standing(open(analyst))
    const size = await raise(missed)
    const before = line.bytes
    const page = open(analyst, cursor)
    await standing(page)
    expect(page.heard.begin).toEqual([{ cursor, resumed: true }])
    const ids = page.heard.alert.map(({ record }) => record.kind === 'raised' && record.alert.id)
    expect(ids).toEqual(Array.from({ length: missed }, (_, n) => `alert-${raised - missed + n + 1}`))
    const framing = 60 * missed
    expect(line.bytes - before).toBeLessThanOrEqual(size + framing + perConnection)
  })

  it('is history to be loaded anew, where the cursor is of another log', async () => {
    const cursor = await standing(open(analyst))
    await raise(3)
    const page = open(analyst, { ...cursor, log: 'from before a restore' })
    await until(() => page.heard.caught_up.length)
    expect(page.heard.begin).toMatchObject([{ resumed: false }])
    page.socket.disconnect()
  })

  it('ends with the session, before anything that comes after: revoked, signed out, expired', async () => {
    const admin = await gateway.signedIn('admin')
    const endings = [
      (who: TestClient) => admin.ok('accountRevoke', { params: { id: who.accountId } }),
      (who: TestClient) => who.ok('signOut'),
      (who: TestClient) =>
        gateway.records.db
          .update(sessions)
          .set({ expiresAt: new Date(0) })
          .where(eq(sessions.accountId, who.accountId)),
    ]
    for (const end of endings) {
      const who = await gateway.signedIn('analyst')
      const [page, other] = [open(who), open(analyst)]
      await until(() => page.heard.caught_up.length && other.heard.caught_up.length)
      await end(who)
      await page.ended
      await raise(1)
      await until(() =>
        other.heard.alert.some(({ record }) => 'alert' in record && record.alert.id === `alert-${raised}`),
      )
      expect(page.heard.bye).toMatchObject([{ code: 'not_signed_in' }])
      expect(JSON.stringify(page.heard.alert)).not.toContain(`"alert-${raised}"`)
      other.socket.disconnect()
    }
  })

  it('is nobody’s who joins none of our namespaces, or has left them: they are let go', async () => {
    const idle = async (...said: string[]) => {
      const manager = new Manager(`http://127.0.0.1:${line.port}`, {
        transports: ['websocket'],
        reconnection: false,
        autoConnect: false,
      })
      await new Promise<void>((resolve, reject) => manager.open((error) => (error ? reject(error) : resolve())))
      for (const each of said) manager.engine.write(each)
      return new Promise<void>((resolve) => manager.engine.once('close', () => resolve()))
    }
    const page = open(analyst)
    await until(() => page.heard.caught_up.length)
    const left = new Promise<void>((resolve) => page.socket.io.engine.once('close', () => resolve()))
    page.socket.io.engine.write('1/live,') // out of the namespace, and still there
    // nothing at all, the namespace that has no name, one that there is not; each answers pings for as long as it may
    await Promise.all([idle(), idle('0'), idle('0/nowhere,', '0{}'), left])
  })

  it('does not hold others or memory when a client stops reading; let go, it resumes and gets the rest', async () => {
    const live = gateway.app.get(LiveGateway) as unknown as Inside
    const before = new Set(live.sockets.all.keys())
    live.patienceMs = 1_000
    const slow = open(analyst)
    await until(() => slow.heard.caught_up.length)
    live.patienceMs = 20_000
    const [id, { socket }] = [...live.sockets.all].find(([each]) => !before.has(each))!
    const cursor = slow.heard.caught_up[0]!.cursor
    const history = slow.heard.alert.length // what PostgreSQL did not have yet
    const { ws } = slow.socket.io.engine.transport as unknown as { ws: { pause(): void; terminate(): void } }
    ws.pause() // the socket itself would be resumed by its receiver
    const other = open(analyst)
    await until(() => other.heard.caught_up.length)
    const first = raised
    const evidence = Array.from({ length: 300 }, (_, n) => `0190a0b0-0000-7000-8000-${String(n).padStart(12, '0')}`)
    const size = await raise(400, evidence)
    expect(size).toBeGreaterThan(100 * mostBytes)
    await until(() => other.heard.alert.length >= 400)
    expect(socket.conn.transport.socket.bufferedAmount).toBeLessThan(2 * mostBytes)
    expect(socket.conn.writeBuffer.length).toBeLessThan(4)
    await until(() => !live.sockets.all.has(id))
    ws.terminate()
    expect(slow.heard.alert.length - history).toBeLessThan(10)
    const back = open(analyst, cursor)
    await until(() => back.heard.alert.length >= 400)
    const ids = back.heard.alert.map(({ record }) => record.kind === 'raised' && record.alert.id)
    expect(ids).toEqual(Array.from({ length: 400 }, (_, n) => `alert-${first + n + 1}`))
    for (const page of [other, back]) page.socket.disconnect()
  })
})

/** What the gateway keeps of its connections. */
interface Inside {
  patienceMs: number
  sockets: {
    all: Map<
      string,
      { socket: { conn: { transport: { socket: { bufferedAmount: number } }; writeBuffer: unknown[] } } }
    >
  }
}
