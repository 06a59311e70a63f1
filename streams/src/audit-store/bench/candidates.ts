import { accessEvents as schema2 } from '../migrations/001-tables.js'
import { accessEvents as schema3 } from '../migrations/003-by-receipt.js'
import type { Table } from '../schema/changes.js'

export interface Candidate {
  label: string
  table: Table
}

const withRaw = (codec: string): Table['columns'] => ({ ...schema3.columns, raw: `String CODEC(${codec})` })
const { columns: lz4 } = schema2

/** What was weighed: where rows lie, in which order, and how they are compressed. The last is what the schema uses. */
export const candidates: readonly Candidate[] = [
  { label: 'schema 2: month of time; (hour, actor, time, id); LZ4, raw ZSTD(1)', table: schema2 },
  {
    label: 'week of receipt; (hour, actor, time, id); LZ4, raw ZSTD(1)',
    table: { ...schema3, columns: lz4, order: schema2.order },
  },
  { label: 'week of receipt; (hour, actor, id); LZ4, raw ZSTD(1)', table: { ...schema3, columns: lz4 } },
  { label: '… texts ZSTD(1), raw ZSTD(6)', table: { ...schema3, columns: withRaw('ZSTD(6)') } },
  { label: '… texts ZSTD(1), raw ZSTD(9)', table: { ...schema3, columns: withRaw('ZSTD(9)') } },
  { label: 'week of receipt; (day, actor, id)', table: { ...schema3, order: '(toDate(time), actor, id)' } },
  { label: 'week of receipt; (actor, time, id)', table: { ...schema3, order: '(actor, time, id)' } },
  { label: 'week of receipt; (time, actor, id)', table: { ...schema3, order: '(time, actor, id)' } },
  { label: 'schema 3: week of receipt; (hour, actor, id); texts ZSTD(1), raw ZSTD(3)', table: schema3 },
]
