import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Session } from '../record-store/session.js'
import type { BackupKey } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { objectOf, type Manifest } from './manifest.js'
import { readPart, writePart } from './parts.js'

type Records = Manifest['records']

/** Everything that is read from here to the end of the transaction is one moment of the records. */
export async function beginSnapshot(session: Session): Promise<void> {
  await session.query('begin isolation level repeatable read read only')
  await session.query('select 1') // the moment is that of the first statement
}

/** Every table, by COPY, one part each. */
export async function copyOutRecords(
  session: Session,
  target: BackupTarget,
  key: BackupKey,
  id: string,
): Promise<Records> {
  const tables: Records['tables'] = []
  for (const { table, columns } of await tablesOf(session)) {
    const name = `records/${table}`
    const rows = session.copyOut(`copy ${quoted(table)} (${columns.map(quoted).join(', ')}) to stdout`)
    const part = await writePart(target, key, { name, object: `${objectOf(id, `records.${table}`)}.age` }, rows)
    tables.push({ table, columns, part })
  }
  return { schema: await schemaOf(session), tables, sequences: await sequencesOf(session) }
}

/** Into the empty tables of the same schema; the caller's transaction keeps nothing of it when a part turns out bad. */
export async function copyInRecords(
  session: Session,
  target: BackupTarget,
  key: BackupKey,
  records: Records,
  onTable: (table: string, rows: number) => void = () => undefined,
): Promise<void> {
  const order = await afterWhatTheyReferTo(session)
  const inOrder = [...records.tables].sort((a, b) => order.indexOf(a.table) - order.indexOf(b.table))
  for (const { table, columns, part } of inOrder) {
    if (!order.includes(table)) throw new Error(`The backup has a table ${table} that its own schema does not know.`)
    const into = session.copyIn(`copy ${quoted(table)} (${columns.map(quoted).join(', ')}) from stdin`)
    await pipeline(Readable.from(readPart(target, key, part), { objectMode: false }), into)
    onTable(table, part.rows)
  }
  for (const { sequence, value } of records.sequences)
    await session.query('select setval($1::regclass, $2)', [sequence, value])
}

/** Rows a table has now, for the tables of a backup. */
export async function countRows(session: Session, tables: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const table of tables) {
    const [row] = await session.query<{ n: string }>(`select count(*) as n from ${quoted(table)}`)
    counts.set(table, Number(row?.n))
  }
  return counts
}

async function tablesOf(session: Session): Promise<{ table: string; columns: string[] }[]> {
  return session.query(
    `select t.relname as table, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class t join pg_attribute a on a.attrelid = t.oid
     where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     group by t.relname order by t.relname`,
  )
}

async function schemaOf(session: Session): Promise<number> {
  const [row] = await session.query<{ at: string }>(
    'select max(created_at)::text as at from drizzle.__drizzle_migrations',
  )
  return Number(row?.at)
}

/** Sequences stand apart from transactions: what they say later is at least what the rows need. */
async function sequencesOf(session: Session): Promise<Records['sequences']> {
  const rows = await session.query<{ sequence: string; value: string }>(
    `select quote_ident(sequencename) as sequence, last_value::text as value
     from pg_sequences where schemaname = 'public' and last_value is not null order by 1`,
  )
  return rows.map(({ sequence, value }) => ({ sequence, value: Number(value) }))
}

/** Tables in an order in which every row finds what it refers to. */
async function afterWhatTheyReferTo(session: Session): Promise<string[]> {
  const waiting = new Map((await tablesOf(session)).map(({ table }) => [table, new Set<string>()]))
  const references = await session.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to from pg_constraint c
     join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
     where c.contype = 'f' and c.connamespace = 'public'::regnamespace and f.oid <> t.oid`,
  )
  for (const { from, to } of references) waiting.get(from)?.add(to)
  const order: string[] = []
  while (waiting.size > 0) {
    const free = [...waiting].filter(([, needs]) => [...needs].every((table) => !waiting.has(table)))
    if (free.length === 0) throw new Error('The tables of the records refer to each other in a circle.')
    for (const [table] of free) {
      order.push(table)
      waiting.delete(table)
    }
  }
  return order
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
