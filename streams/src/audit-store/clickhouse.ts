import { Agent } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ClickHouseLogLevel, createClient, type ClickHouseClientConfigOptions } from '@clickhouse/client'
import type { AuditStore } from './audit-store.js'
import { migrate } from './migrate.js'

export type ClickHousePlace =
  | { url: string; username?: string; password?: string; database?: string }
  | { socketPath: string; username?: string; password?: string; database?: string }

const defaultSeconds = 30
const insertSeconds = 60
const graceMs = 5_000 // the server's own bound answers first; ours is for a server that does not answer at all

/** Values of every request; `now` and friends never decide, so that a server and the embedded process agree. */
const settings = {
  date_time_output_format: 'iso',
  date_time_input_format: 'best_effort',
  output_format_json_quote_64bit_integers: 0, // counts and offsets stay far below 2^53
  join_use_nulls: 0,
} as const

const insertSettings = {
  async_insert: 0, // an insert that resolved is in the table, and its token counts at once
  input_format_skip_unknown_fields: 0, // a column that is missing here is a mistake, not something to lose silently
  deduplicate_blocks_in_dependent_materialized_views: 1,
  wait_end_of_query: 1,
} as const

class UnixSocketAgent extends Agent {
  constructor(private readonly socketPath: string) {
    super({ keepAlive: true, maxSockets: 64 })
  }

  override createConnection(): ReturnType<typeof connect> {
    return connect(this.socketPath)
  }
}

/** The audit store over ClickHouse's HTTP interface: a server by `url`, the embedded process by `socketPath`. */
export const openClickHouse = (place: ClickHousePlace): AuditStore => {
  const { username, password, database } = place
  const config: ClickHouseClientConfigOptions = {
    ...('url' in place
      ? { url: place.url }
      : { url: 'http://localhost', http_agent: new UnixSocketAgent(place.socketPath) }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    application: 'custodia',
    log: { level: ClickHouseLogLevel.OFF }, // errors reach the caller; its own lines would carry bound values
    request_timeout: 310_000,
    clickhouse_settings: settings,
  }
  const client = createClient({ ...config, ...(database === undefined ? {} : { database }) })

  const store: AuditStore = {
    insert: async (table, rows, { token }) => {
      if (rows.length === 0) return
      if (!/^[a-z_]+$/.test(table)) throw new TypeError('The table of an insert is a plain name of this schema.')
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} FORMAT JSONEachRow`,
        values: Readable.from([lines(rows)], { objectMode: false }),
        clickhouse_settings: { ...insertSettings, insert_deduplication_token: token },
        abort_signal: AbortSignal.timeout(insertSeconds * 1000 + graceMs),
      })
      await drain(stream)
    },

    query: async <Row>(sql: string, params = {}, { maxSeconds = defaultSeconds } = {}) => {
      const result = await client.query({
        query: sql,
        query_params: params,
        format: 'JSONEachRow',
        clickhouse_settings: { max_execution_time: maxSeconds },
        abort_signal: AbortSignal.timeout(maxSeconds * 1000 + graceMs),
      })
      return result.json<Row>()
    },

    migrate: async () => {
      if (database !== undefined && database !== 'default') {
        const outside = createClient(config)
        await outside
          .command({ query: 'CREATE DATABASE IF NOT EXISTS {name:Identifier}', query_params: { name: database } })
          .finally(() => outside.close())
      }
      return migrate(store, (statement) => client.command({ query: statement }))
    },

    check: async () => {
      const pong = await client.ping()
      if (!pong.success) throw new Error('The audit store does not answer.', { cause: pong.error })
    },

    close: () => client.close(),
  }
  return store
}

const newline = Buffer.from('\n')

const lines = (rows: readonly Uint8Array[] | readonly string[]): Buffer =>
  typeof rows[0] === 'string'
    ? Buffer.from(rows.join('\n'))
    : Buffer.concat((rows as readonly Uint8Array[]).flatMap((row) => [row, newline]))

const drain = (stream: Readable): Promise<void> => finished(stream.resume())
