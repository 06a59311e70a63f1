import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { getTableColumns, is, sql } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import pg from 'pg'
import type { Connection } from './connection.js'
import { isServerLost } from './failures.js'
import { RecordStore, type RecordStoreOptions } from './record-store.js'
import * as schema from './schema.js'
import { customers, settings, transactions } from './schema.js'

const fixtures = join(import.meta.dirname, 'fixtures')

/** `newDatabase` makes an empty database and says how to reach it. */
export const recordStoreContract = (newDatabase: () => Promise<Connection>) => {
  const opened: RecordStore[] = []
  const open = async (connection: Connection, over: Partial<RecordStoreOptions> = {}) => {
    const store = await RecordStore.open({ connection, onError: () => undefined, ...over })
    opened.push(store)
    return store
  }
  afterAll(() => Promise.all(opened.map((store) => store.close())))

  it('makes the newest schema, once, when several processes start at the same time', async () => {
    const connection = await newDatabase()
    const [store] = await Promise.all([1, 2, 3].map(() => open(connection, { pool: 2 })))
    expect(await columnsOf(store!)).toEqual(declaredColumns())
  })

  it('keeps every kind of value as it was given', async () => {
    const store = await open(await newDatabase())
    await run(store, aCustomer)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    await store.db.update(customers).set({ name: bytes, createdAt: new Date('2026-03-29T01:02:03.456Z') })
    const amount = 9_007_199_254_740.99
    await store.db
      .insert(transactions)
      .values({ id: 't', customerId: 'k', at: new Date(0), kind: 'payment', amount, currency: 'CNY' })
    await store.db.insert(settings).values({ key: 'k', value: { 照片: ['\u2028', 'é', 1e21, null] } })
    const [customer] = await store.db.select().from(customers)
    expect(customer).toMatchObject({ name: bytes, phone: null, createdAt: new Date('2026-03-29T01:02:03.456Z') })
    expect(await store.db.select().from(transactions)).toMatchObject([{ amount, at: new Date(0) }])
    expect(await store.db.select().from(settings)).toEqual([{ key: 'k', value: { 照片: ['\u2028', 'é', 1e21, null] } }])
  })

  it.each(readdirSync(fixtures).filter((name) => name.endsWith('.sql')))(
    'opens and migrates records of the time of %s',
    async (file) => {
      const connection = await newDatabase()
      await restore(connection, join(fixtures, file))
      const store = await open(connection)
      expect(await columnsOf(store)).toEqual(declaredColumns())
      for (const table of tables()) await store.db.select().from(table)
      expect(await store.db.select().from(customers)).toHaveLength(20)
      const [sum] = await store.db.select({ of: sql<string>`sum(amount)` }).from(transactions)
      expect(sum).toEqual({ of: '24691567.80' })
    },
  )

  describe('limits', () => {
    let store: RecordStore
    beforeAll(async () => {
      store = await open(await newDatabase(), { pool: 2, patienceMs: 400 })
    })

    it('ends a statement that takes too long, in a transaction or not', async () => {
      const slow = sql`select pg_sleep(60)`
      for (const work of [store.db.execute(slow), store.db.transaction((tx) => tx.execute(slow))])
        expect(isServerLost(await work.catch((error: unknown) => error))).toBe(true)
      await store.check()
    })

    it('are set on every connection, and on none that copies or migrates', async () => {
      const limits = sql`select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle`
      expect((await store.db.execute(limits)).rows).toEqual([{ statement: '400ms', idle: '70s' }])
      const [copying] = await store.session((session) =>
        session.query<{ statement: string }>(`select current_setting('statement_timeout') as statement`),
      )
      expect(copying).toEqual({ statement: '0' })
    })

    it('let many more ask at once than there are connections', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.db.execute(sql`select ${i}::int as i`)),
      )
      expect(answers.map(({ rows }) => rows[0])).toEqual(Array.from({ length: 50 }, (_, i) => ({ i })))
    })
  })
}

const aCustomer = `
  insert into accounts (id, username, display_name, role, password_hash) values ('a', 'a', 'A', 'staff', '');
  insert into customers (id, data_key, name, id_number, business_type, owner, team, branch)
    values ('k', '', '', '', 'deposit', 'a', 'service', 'shanghai')`

const run = (store: RecordStore, text: string) => store.db.execute(sql.raw(text))

/** On a connection of its own: a dump changes its search path. */
async function restore(connection: Connection, file: string): Promise<void> {
  const client = typeof connection === 'string' ? new pg.Client(connection) : new pg.Client(connection)
  await client.connect()
  try {
    await client.query(await readFile(file, 'utf8'))
  } finally {
    await client.end()
  }
}

const tables = (): PgTable[] => Object.values(schema).flatMap((value) => (is(value, PgTable) ? [value] : []))

const declaredColumns = () =>
  tables()
    .flatMap((table) => {
      const { name } = getTableConfig(table)
      return Object.values(getTableColumns(table)).map((column) => `${name}.${column.name} ${column.notNull}`)
    })
    .sort()

async function columnsOf(store: RecordStore): Promise<string[]> {
  const { rows } = await store.db.execute<{ column: string }>(sql`
    select table_name || '.' || column_name || ' ' || (is_nullable = 'NO') as column
    from information_schema.columns where table_schema = 'public'`)
  return rows.map(({ column }) => column).sort()
}
