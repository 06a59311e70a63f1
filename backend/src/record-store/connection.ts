import pg from 'pg'
import { RecordStoreUnavailable } from './failures.js'

/** A connection string, or the Unix socket directory of the embedded server. */
export type Connection = string | { host: string; user: string; database: string }

const connectMs = 5000
/** Longer than an event may take to be written down, which is a transaction's last step. */
const idleInTransactionMs = 70_000

const targetOf = (connection: Connection): pg.PoolConfig => ({
  ...(typeof connection === 'string' ? { connectionString: connection } : connection),
  application_name: 'custodia',
  connectionTimeoutMillis: connectMs,
  keepAlive: true,
})

/**
 * What requests run on. Nothing waits for ever: not for a connection, not for a statement (`patienceMs`), nor for a server
 * that has stopped answering (a little longer, so that the server's own word comes first).
 */
export const openPool = (connection: Connection, max: number, patienceMs: number): pg.Pool => {
  const silenceMs = patienceMs * 1.2
  const pool = new GatewayPool({
    ...targetOf(connection),
    max,
    statement_timeout: patienceMs,
    query_timeout: silenceMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  })
  pool.on('connect', (client) => {
    endQuietly(client)
    hangUpAfter(client, silenceMs)
  })
  return pool
}

/** For work that takes as long as it takes: migrations, COPY. Its connections are opened when needed and not kept. */
export const openUnhurriedPool = (connection: Connection): pg.Pool =>
  new pg.Pool({ ...targetOf(connection), max: 2, idleTimeoutMillis: 1 }).on('connect', endQuietly)

/**
 * A connection that ends while somebody holds it fails the statement that runs, or the next one: they say so. Without a
 * listener it would also end this process.
 */
const endQuietly = (client: pg.PoolClient) => void client.on('error', () => undefined)

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void

/** Says of a connection that could not be had that it is the server, not the statement. Transactions come through here too. */
class GatewayPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<pg.PoolClient> | void {
    if (callback) return super.connect((error, client, done) => callback(error && unavailable(error), client, done))
    return super.connect().then(givenBackWhenLost, (error: Error) => {
      throw unavailable(error)
    })
  }
}

/**
 * A connection that ends goes back by itself: the query builder keeps one for ever when not even the first word of a
 * transaction was answered, and a pool would be empty after as many of these as it has connections.
 */
function givenBackWhenLost(client: pg.PoolClient): pg.PoolClient {
  const release = client.release.bind(client)
  let given = false
  const giveBack = (destroy?: Error | boolean): void => {
    if (given) return
    given = true
    client.off('end', lost)
    release(destroy)
  }
  const lost = () => giveBack(true)
  client.release = giveBack
  return client.once('end', lost)
}

const unavailable = (cause: Error) =>
  new RecordStoreUnavailable('PostgreSQL does not answer: see that it runs and can be reached.', { cause })

/**
 * The driver's `query_timeout` gives up on a statement but keeps the connection, and a transaction's rollback would wait on
 * it just as long. So a transaction's connection is closed with the statement that nobody answered.
 */
function hangUpAfter(client: pg.PoolClient, silenceMs: number): void {
  const ask = client.query as (...args: unknown[]) => unknown
  const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
  client.query = ((...args: unknown[]) => {
    const answer = ask.apply(client, args)
    if (!(answer instanceof Promise)) return answer
    const timer = setTimeout(() => stream.destroy(), silenceMs * 0.95)
    return answer.finally(() => clearTimeout(timer))
  }) as typeof client.query
}

/** What the shape of CUSTODIA_POSTGRES_URL alone does not tell. Names, never values. */
export function postgresProblems(url: string | undefined): string[] {
  if (!url) return []
  if (!/^postgres(ql)?:\/\//.test(url)) return ['CUSTODIA_POSTGRES_URL does not begin with postgres://']
  let client: pg.Client
  try {
    client = new pg.Client(url)
  } catch {
    return ['CUSTODIA_POSTGRES_URL is not a connection string, or its sslrootcert, sslcert or sslkey cannot be read']
  }
  const here = client.host.startsWith('/') || /^(localhost|::1|127(\.\d{1,3}){3})$/.test(client.host)
  if (here || client.ssl || /[?&]sslmode=disable(&|$)/.test(url)) return []
  return [
    'CUSTODIA_POSTGRES_URL names another machine without TLS: add sslmode=verify-full, with sslrootcert=FILE for an ' +
      'authority of your own; or sslmode=disable, where the network itself is trusted',
  ]
}

const oldest = 15

/** One sentence for a server that is too old; newer ones are tried. */
export function requireServerVersion(serverVersionNum: number): void {
  const major = Math.floor(serverVersionNum / 10_000)
  if (major < oldest)
    throw new Error(
      `The server is PostgreSQL ${major}: Custodia needs ${oldest} or later, so upgrade the server first.`,
    )
}
