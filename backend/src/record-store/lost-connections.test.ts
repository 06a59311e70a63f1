import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { startFaultProxy, type FaultProxy, type LineMode } from '../../../deploy/testing/fault-proxy.js'
import { startTestPostgres, type TestPostgres } from '../testing/postgres.js'
import { isServerLost } from './failures.js'
import { RecordStore } from './record-store.js'

const pool = 3

describe('connections that are lost', () => {
  let postgres: TestPostgres
  let line: FaultProxy
  let records: RecordStore
  beforeAll(async () => {
    postgres = await startTestPostgres()
    const { host, user, database } = postgres.connection
    line = await startFaultProxy({ path: join(host, '.s.PGSQL.5432') })
    const connection = `postgres://${user}@127.0.0.1:${line.port}/${database}`
    records = await RecordStore.open({ connection, pool, patienceMs: 500, onError: () => undefined })
  })
  afterAll(async () => {
    await records?.close()
    await line?.stop()
    await postgres?.stop()
  })

  const transaction = () => records.db.transaction((tx) => tx.execute(sql`select 1`))
  /** All of them at once; again, where a busy machine takes longer than this store's short patience. A pool that misses one never gets there. */
  const everyOneOpen = async (): Promise<void> => {
    const asked = await Promise.allSettled(Array.from({ length: pool }, transaction))
    if (asked.some(({ status }) => status === 'rejected')) await everyOneOpen()
  }

  it.each<LineMode>(['swallow', 'reset'])(
    'before a transaction began are not missing in the pool afterwards: %s',
    async (mode) => {
      await everyOneOpen()
      line.set(mode)
      const failures = await Promise.all(
        Array.from({ length: pool }, () => transaction().catch((error: unknown) => isServerLost(error))),
      )
      expect(failures).toEqual(Array.from({ length: pool }, () => true))
      line.set('pass')
      await everyOneOpen()
    },
  )

  it('while they are closed are no news', async () => {
    const told: Error[] = []
    const closing = await RecordStore.open({
      connection: postgres.connection,
      pool,
      onError: (error) => told.push(error),
    })
    const others = await Promise.all(
      Array.from({ length: pool }, () => closing.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)),
    )
    const ending = others.flatMap(({ rows }) =>
      rows.map(({ pid }) => postgres.records.db.execute(sql`select pg_terminate_backend(${pid})`)),
    )
    await Promise.all([closing.close(), ...ending])
    await postgres.records.check()
    expect(told).toEqual([])
  })
})
