import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { startPostgres, type PostgresServer } from '../../../deploy/servers/postgres.mjs'
import { isServerLost } from './failures.js'
import { recordStoreContract } from './record-store.contract.js'
import { RecordStore } from './record-store.js'
import { serialisableContract } from './serialisable.contract.js'

describe('the record store on the PostgreSQL of Debian', () => {
  let server: PostgresServer
  let made = 0
  const newDatabase = () => server.createDatabase(`records_test_${++made}`)
  const failureOf = (work: Promise<unknown>) => work.catch((error: unknown) => error)

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('is another version than the one out of npm', () => {
    expect(server.version).toBeGreaterThanOrEqual(15)
    expect(server.version).toBeLessThan(18)
  })

  recordStoreContract(newDatabase)
  describe('serialisable transactions', () => serialisableContract(newDatabase))

  it('is reached by TLS, and only by the server that the authority vouches for', async () => {
    const url = await server.createDatabase('tls_test')
    const store = await RecordStore.open({ connection: server.securedUrlOf('tls_test'), onError: () => undefined })
    const { rows } = await store.db.execute(sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`)
    expect(rows).toEqual([{ ssl: true }])
    await store.close()
    const unvouched = `${url}?sslmode=verify-full`
    await expect(RecordStore.open({ connection: unvouched, onError: () => undefined })).rejects.toThrow(/self-signed/)
  })

  it('is lost while it is down, and works again by itself', async () => {
    const store = await RecordStore.open({ connection: await newDatabase(), onError: () => undefined })
    await server.kill()
    for (const work of [store.db.execute(sql`select 1`), store.db.transaction(async () => {}), store.check()])
      expect(isServerLost(await failureOf(work))).toBe(true)
    await server.start()
    await store.check()
    await store.close()
  })

  it('is lost in bounded time when it swallows everything, and works again by itself', async () => {
    const url = new URL(await newDatabase())
    const hole = await startHole(new URL(url))
    url.port = String(hole.port)
    const store = await RecordStore.open({ connection: url.href, patienceMs: 400, onError: () => undefined })
    await store.db
      .transaction(async (tx) => {
        await tx.execute(sql`select 1`)
        hole.swallow()
        expect(isServerLost(await failureOf(tx.execute(sql`select 1`)))).toBe(true)
      })
      .catch((error: unknown) => expect(isServerLost(error)).toBe(true))
    hole.pass()
    await store.check()
    await store.close()
    await hole.stop()
  })
})

/** A proxy that can stop passing on what it is told, without hanging up. */
async function startHole(to: URL) {
  const sockets = new Set<Socket>()
  let swallowing = false
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => swallowing || other.write(bytes))
      from.on('close', () => other.destroy())
      from.on('error', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => (swallowing = true),
    pass: () => (swallowing = false),
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
