import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { asEngineError, engineError, httpStatusOf } from './engine-error.js'
import type { Engine, Statement } from './engine.js'

const unzip = promisify(gunzip)
const maxBody = 256 * 1024 * 1024
const maxUri = 1024 * 1024 // as http_max_uri_size: parameters travel in the URL

/** URL arguments that are neither settings nor parameters of the query. Answers here always wait for the query's end. */
const notSettings = new Set(
  'query query_id database default_format user password quota_key role wait_end_of_query'.split(' '),
)
const unsupported = ['session_id', 'decompress', 'compress'] as const

/** ClickHouse's HTTP interface, as far as @clickhouse/client uses it, over the embedded engine. */
export const createHttpServer = (engine: Engine): Server => {
  const server = createServer({ maxHeaderSize: maxUri }, (request, response) => {
    answer(engine, request, response).catch((cause: unknown) => fail(response, cause))
  })
  server.keepAliveTimeout = 0 // clients keep their sockets; a socket closed here in the same moment would lose a request
  server.requestTimeout = 0 // the engine's own bounds apply
  return server
}

const answer = async (engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://audit-store')
  if (url.pathname === '/ping') return void response.end('Ok.\n')
  if (url.pathname !== '/') return void response.writeHead(404).end('There is no handle for this path.\n')
  const statement = statementOf(url, request.method === 'GET', await bodyOf(request))
  // whoever asked is gone: a query is not worth its end, as on a server told cancel_http_readonly_queries_on_client_close
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const result = await engine.run(statement, gone.signal)
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Length': result.bytes.byteLength,
    'X-ClickHouse-Query-Id': url.searchParams.get('query_id') ?? '',
    'X-ClickHouse-Summary': JSON.stringify({
      read_rows: String(result.readRows),
      written_rows: String(result.writtenRows),
    }),
  })
  response.end(result.bytes)
}

const statementOf = (url: URL, readOnly: boolean, body: Buffer): Statement => {
  const query = url.searchParams.get('query')
  const params = new Map<string, string>()
  const settings = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    if ((unsupported as readonly string[]).includes(name)) throw engineError(48, `${name} (NOT_IMPLEMENTED)`)
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value)
    else if (!notSettings.has(name)) settings.set(name, value)
  }
  const sql = query ?? body.toString('utf8')
  if (sql.trim() === '') throw engineError(62, 'Empty query. (SYNTAX_ERROR)')
  return {
    sql,
    ...(query !== null && body.byteLength > 0 ? { body } : {}),
    database: url.searchParams.get('database') ?? undefined,
    params,
    settings,
    readOnly,
  }
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > maxBody) throw engineError(307, 'The body is too large. (TOO_MANY_BYTES)')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (request.headers['content-encoding'] !== 'gzip') return body
  return unzip(body, { maxOutputLength: maxBody })
}

const fail = (response: ServerResponse, cause: unknown): void => {
  const error = asEngineError(cause)
  if (response.headersSent) return void response.destroy(error)
  response.writeHead(httpStatusOf(error.code), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': error.code,
  })
  response.end(`${error.message}\n`)
}
