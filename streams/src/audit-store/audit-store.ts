/** Values bound to `{name:Type}` placeholders of a query. Never build SQL from values. */
export type QueryParams = Record<string, unknown>

/** What a query read. */
export interface QueryCost {
  rows: number
  bytes: number
}

export interface QueryOptions {
  maxSeconds?: number
  /** ends the query, here and where it runs */
  signal?: AbortSignal
  /** told once the rows are here */
  cost?: (cost: QueryCost) => void
}

/**
 * Port 2: ClickHouse over HTTP. The same client code runs on a server and on the embedded process. The promises, each a
 * test of audit-store.contract.ts:
 * - `insert` is durable when it resolves, and the same `token` inserted again adds nothing, in the table and in its views.
 * - `query` binds parameters; a value is never SQL. Settings of one request do not reach another.
 * - What a query read is told to whoever asks.
 * - A query that runs longer than its bound, or that nobody waits for any more, is ended and fails; others go on meanwhile.
 * - `migrate` brings any earlier schema to the newest one, once, and says what it did.
 */
export interface AuditStore {
  /** `rows` are JSON objects, one a line, already serialised (JSONEachRow). Table is a plain name of this schema. */
  insert(table: string, rows: readonly Uint8Array[] | readonly string[], options: { token: string }): Promise<void>
  query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]>
  migrate(): Promise<string[]>
  /** rejects with a sentence when it does not answer */
  check(): Promise<void>
  close(): Promise<void>
}
