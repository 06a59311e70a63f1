import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { drainPending, Session } from 'chdb'
import { asEngineError, engineError } from './engine-error.js'
import { Lanes } from './lanes.js'
import { parseBodyInsert, readsOnly, setStatement, type BodyInsert } from './statement.js'

export interface Statement {
  sql: string
  /** rows of an INSERT … FORMAT …; absent when the statement is complete in itself */
  body?: Buffer
  database?: string
  params: ReadonlyMap<string, string>
  settings: ReadonlyMap<string, string>
  readOnly: boolean
}

export interface Answer {
  bytes: Uint8Array
  readRows: number
  writtenRows: number
}

const defaultSeconds = 30
const longestSeconds = 300
const readBounds = { max_memory_usage: String(2 * 1024 ** 3) }

/**
 * chdb with a fresh session for each statement: what one sets ends with it, and none waits for another's. Inserts of rows
 * keep their sessions, because there settings are part of the statement, and because closing a session waits for whatever
 * else runs: thousands of inserts behind one long report would each leave one open.
 */
export class Engine {
  readonly #root: Session
  readonly #idleWriters: Session[] = []
  readonly #reads = new Lanes(4, 64)
  readonly #writes = new Lanes(3, 256)

  private constructor(private readonly dir: string) {
    this.#root = new Session(dir) // holds the data directory while other sessions come and go
  }

  /** Throws one sentence when the directory cannot be used. */
  static open(dir: string): Engine {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (cause) {
      throw new Error(`The audit store's directory ${dir} cannot be written.`, { cause })
    }
    try {
      return new Engine(dir)
    } catch (cause) {
      // the engine says which of the two on stderr only
      throw new Error(`The audit store's directory ${dir} is in use by another process, or damaged.`, { cause })
    }
  }

  /** `signal` ends what only reads; a write that was begun is carried out. */
  async run(statement: Statement, signal?: AbortSignal): Promise<Answer> {
    const { sql, body, settings } = statement
    const insert = body && parseBodyInsert(sql)
    try {
      if (insert && settings.get('readonly') && settings.get('readonly') !== '0') throw readOnlyRefusal()
      if (insert) return await this.#writes.run(() => this.#insert(insert, body, statement))
      if (!readsOnly(sql)) return await this.#writes.run(() => this.#inFreshSession(statement))
      return await this.#reads.run(() => this.#read(statement, signal))
    } catch (cause) {
      throw asEngineError(cause)
    }
  }

  /** Resolves when nothing runs any more and the directory is free. */
  async close(): Promise<void> {
    await drainPending()
    for (const session of [...this.#idleWriters, this.#root]) session.close()
    await drainPending()
  }

  async #insert(insert: BodyInsert, values: Buffer, { database, settings }: Statement): Promise<Answer> {
    const session = this.#idleWriters.pop() ?? new Session(this.dir)
    try {
      const table = database && !insert.table.includes('.') ? `${database}.${insert.table}` : insert.table
      const { rowsWritten } = await session.insert({ ...insert, table, values, settings: Object.fromEntries(settings) })
      return { bytes: new Uint8Array(0), readRows: 0, writtenRows: rowsWritten }
    } finally {
      this.#idleWriters.push(session)
    }
  }

  async #read(statement: Statement, signal: AbortSignal | undefined): Promise<Answer> {
    if (signal?.aborted) throw cancelled()
    const name = randomUUID()
    const settings = new Map([...statement.settings, ['log_comment', name]])
    const kill = (): void => void this.#kill(name).catch(() => undefined) // it ended by itself, or its bound ends it
    signal?.addEventListener('abort', kill, { once: true })
    try {
      return await this.#inFreshSession({ ...statement, settings })
    } finally {
      signal?.removeEventListener('abort', kill)
    }
  }

  /** Beside the lanes: it makes room in them. */
  async #kill(name: string): Promise<void> {
    const session = new Session(this.dir)
    try {
      await session.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = '${name}' ASYNC`)
    } finally {
      session.close()
    }
  }

  async #inFreshSession(statement: Statement): Promise<Answer> {
    const session = new Session(this.dir)
    try {
      for (const preparation of preparations(statement)) await session.queryAsync(preparation)
      const text = statement.body ? `${statement.sql}\n${statement.body.toString('utf8')}` : statement.sql
      const result = await session.queryAsync(text, { format: 'TabSeparated' })
      return { bytes: result.bytes(), readRows: result.rowsRead, writtenRows: 0 }
    } finally {
      session.close()
    }
  }
}

const cancelled = () => engineError(394, 'Query was cancelled. (QUERY_WAS_CANCELLED)')

/** As the engine itself says it of every other statement. */
const readOnlyRefusal = () => engineError(164, 'Cannot execute query in readonly mode. (READONLY)')

/** What makes the fresh session the request's own: database, bound parameters, settings, bounds. */
const preparations = ({ sql, database, params, settings, readOnly }: Statement): string[] => {
  const asked = Number(settings.get('max_execution_time') || defaultSeconds)
  const seconds = asked > 0 ? Math.min(asked, longestSeconds) : longestSeconds
  const all = new Map([
    ...(readsOnly(sql) ? Object.entries(readBounds) : []),
    ...settings,
    ...[...params].map(([name, value]) => [`param_${name}`, value] as const),
    ['max_execution_time', String(seconds)] as const,
    ...(readOnly ? [['readonly', '1'] as const] : []), // last: nothing can be set after it
  ])
  return [
    database && database !== 'default' ? `USE \`${database.replaceAll('`', '')}\`` : undefined,
    setStatement(all),
  ].filter((statement) => statement !== undefined)
}
