import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClientConfigOptions,
  type ClickHouseSettings,
} from '@clickhouse/client'
import type { AuditStore, QueryOptions, QueryParams } from './audit-store.js'
import { connectionOf, type ClickHousePlace } from './connection.js'
import { migrate } from './migrate.js'
import { applyRetention, type Retention } from './retention.js'
import { layoutOf, type Layout } from './schema/layout.js'
import { databaseOf } from './settings.js'

export interface OpenOptions {
  /** every request says that it only reads: the server refuses it anything else */
  readOnly?: boolean
  /** name of the cluster whose every shard has the tables */
  cluster?: string | undefined
  /** what `migrate` brings the tables to; default: they are left as they are */
  retention?: Retention
}

const defaultSeconds = 30
const insertSeconds = 60
const graceMs = 5_000 // the server's own bound answers first; ours is for a server that does not answer at all

/** Values of every request; `now` and friends never decide, so that a server and the embedded process agree. */
const settings: ClickHouseSettings = {
  date_time_output_format: 'iso',
  date_time_input_format: 'best_effort',
  output_format_json_quote_64bit_integers: 0, // counts and offsets stay far below 2^53
  join_use_nulls: 0,
  max_query_size: String(4 * 1024 * 1024), // a part of a backtest is told what came before it
  do_not_merge_across_partitions_select_final: 1, // the same record landed twice was received in the same week
}

const insertSettings = {
  async_insert: 0, // an insert that resolved is in the table, and its token counts at once
  input_format_skip_unknown_fields: 0, // a column that is missing here is a mistake, not something to lose silently
  deduplicate_blocks_in_dependent_materialized_views: 1,
  wait_end_of_query: 1,
} as const

/** 2: formats and bounds may still be set, by a request that cannot write. */
const readingSettings = { readonly: '2' } as const

/** A change of the schema has arrived on every node when it resolves, and is given the time that copying takes. */
const ddlSettings = { alter_sync: '2', distributed_ddl_task_timeout: '300', max_execution_time: 300 } as const

/** The audit store over ClickHouse's HTTP interface: a server by `url`, the embedded process by `socketPath`. */
export const openClickHouse = (place: ClickHousePlace, options: OpenOptions = {}): AuditStore => {
  const database = 'url' in place ? databaseOf(place.url) : 'default'
  const layout = layoutOf({ cluster: options.cluster, database })
  const config: ClickHouseClientConfigOptions = {
    ...connectionOf(place),
    application: 'custodia',
    log: { level: ClickHouseLogLevel.OFF }, // errors reach the caller; its own lines would carry bound values
    request_timeout: 310_000,
    clickhouse_settings: { ...settings, ...(options.readOnly ? readingSettings : {}) },
  }
  const client = createClient(config)
  const run = (query: string, params: QueryParams = {}): Promise<unknown> =>
    client.command({ query, query_params: params, clickhouse_settings: ddlSettings })

  const store: AuditStore = {
    insert: async (table, rows, { token }) => {
      if (rows.length === 0) return
      if (!/^[a-z_]+$/.test(table)) throw new TypeError('The table of an insert is a plain name of this schema.')
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} FORMAT JSONEachRow`,
        values: Readable.from(piecesOf(rows), { objectMode: false }),
        clickhouse_settings: { ...insertSettings, ...layout.insertSettings, insert_deduplication_token: token },
        abort_signal: AbortSignal.timeout(insertSeconds * 1000 + graceMs),
      })
      await drain(stream)
    },

    query: async <Row>(sql: string, params = {}, { maxSeconds = defaultSeconds, cost, signal }: QueryOptions = {}) => {
      const late = AbortSignal.timeout(maxSeconds * 1000 + graceMs)
      const asked = {
        query: sql,
        query_params: params,
        clickhouse_settings: {
          max_execution_time: maxSeconds,
          cancel_http_readonly_queries_on_client_close: 1 as const,
        },
        abort_signal: signal ? AbortSignal.any([signal, late]) : late,
      }
      if (!cost) return (await client.query({ ...asked, format: 'JSONEachRow' })).json<Row>()
      // the only format that tells what was read, from a server and from the embedded engine alike
      const { data, statistics } = await (await client.query({ ...asked, format: 'JSON' })).json<Row>()
      cost({ rows: statistics?.rows_read ?? 0, bytes: statistics?.bytes_read ?? 0 })
      return data
    },

    migrate: async () => {
      if (database !== 'default') await createDatabase(place, database, layout)
      const ran = await migrate({ store, layout, run })
      return options.retention ? [...ran, ...(await applyRetention({ store, layout, run }, options.retention))] : ran
    },

    check: async () => {
      const pong = await client.ping()
      if (!pong.success) throw new Error('The audit store does not answer.', { cause: pong.error })
    },

    close: () => client.close(),
  }
  return store
}

/** By a connection that names no database: this one is not there yet. */
const createDatabase = async (place: ClickHousePlace, database: string, { onCluster }: Layout): Promise<void> => {
  const outside = 'url' in place ? new URL(place.url) : undefined
  if (!outside) return
  outside.pathname = '/'
  const client = createClient({ ...connectionOf({ url: outside.href }), log: { level: ClickHouseLogLevel.OFF } })
  await client
    .command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`${onCluster}` })
    .finally(() => client.close())
}

/** Rows are put together while those before them are on their way: none of ten megabytes keeps others waiting. */
const pieceLength = 256 * 1024

function* piecesOf(rows: readonly Uint8Array[] | readonly string[]): Generator<Buffer> {
  for (let from = 0, to = 0, length = 0; from < rows.length; from = to, length = 0) {
    for (; to < rows.length && length < pieceLength; to++) length += rows[to]?.length ?? 0
    yield lines(rows.slice(from, to))
  }
}

const newline = Buffer.from('\n')

const lines = (rows: readonly Uint8Array[] | readonly string[]): Buffer =>
  typeof rows[0] === 'string'
    ? Buffer.from(`${rows.join('\n')}\n`)
    : Buffer.concat((rows as readonly Uint8Array[]).flatMap((row) => [row, newline]))

const drain = (stream: Readable): Promise<void> => finished(stream.resume())
