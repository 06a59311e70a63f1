import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgresBinaries, type PostgresBinaries } from './embedded-binaries.js'
import { endLeftover } from './embedded-leftover.js'
import { findSocketDirectory, openSocketDirectory } from './embedded-socket.js'
import { commandAs, makePrivateDirectory, serverUser, type ServerUser } from './embedded-user.js'

/** What `pg` connects with; `host` is the directory of the socket. */
export interface PostgresConnection {
  host: string
  user: string
  database: string
}

export interface EmbeddedOptions {
  /** the cluster's files; made on first start */
  dataDir: string
  /** where the socket goes */
  runDir: string
  /** more server settings, e.g. `{ fsync: 'off' }` for throw-away databases */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  connection: PostgresConnection
  /** the postmaster's process id */
  pid: number
  stop(): Promise<void>
  /** the exit code, whether it was stopped or ended by itself; 128 + n for signal n */
  done: Promise<number>
}

const user = 'custodia'
const database = 'custodia'
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } // nothing of ours leaks into the server

/**
 * The record store of a single machine: a real PostgreSQL, started by us, on a private Unix socket and no TCP port. It ends
 * with this process, even when that is killed; what was left running all the same is ended at the next start. The caller
 * holds the lock of the data directory, so that two systems never share one.
 */
export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  const binaries = findPostgresBinaries()
  const runAs = await serverUser(dataDir, [binaries.postgres])
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await makeCluster(binaries, dataDir, runAs)
  await requireSameVersion(binaries, dataDir, runAs)
  const hadLeftover = await endLeftover(dataDir)
  const socket = await openSocketDirectory(resolve(options.runDir), runAs)
  const args = ['-D', dataDir, '-k', socket.path, ...serverSettings(options.settings)]
  const server = await launch(binaries, args, runAs, hadLeftover ? 5 : 1)
  const watchdog = watch(server.process.pid!, dataDir, runAs)
  const done = server.done.finally(async () => {
    watchdog.stdin?.end()
    await socket.close()
  })
  const stop = async () => {
    server.process.kill('SIGINT') // "fast": roll back what is open, write a checkpoint, end
    const impatient = setTimeout(() => server.process.kill('SIGQUIT'), 30_000)
    await done
    clearTimeout(impatient)
  }
  const connection = { host: socket.path, user, database }
  try {
    await makeDatabase(connection)
  } catch (error) {
    await stop()
    throw error
  }
  return { connection, pid: server.process.pid!, stop, done }
}

/** How other processes reach the server that `startPostgres` started with this run directory. */
export const postgresSocketOf = (runDir: string): PostgresConnection => ({
  host: findSocketDirectory(resolve(runDir)),
  user,
  database,
})

/** In a directory of its own that is renamed when complete: a crash half-way leaves no half cluster. */
async function makeCluster({ initdb }: PostgresBinaries, dataDir: string, runAs: ServerUser): Promise<void> {
  if (existsSync(dataDir) && (await readdir(dataDir)).length > 0)
    throw new Error(`${dataDir} holds files that are not a PostgreSQL database: choose an empty or a new directory.`)
  const growing = `${dataDir}.new`
  await rm(growing, { recursive: true, force: true })
  await makePrivateDirectory(growing, runAs)
  const args = ['-D', growing, '-A', 'trust', '-U', user, '-E', 'UTF8', '--locale=C', '--no-instructions']
  // PostgreSQL's own C.UTF-8 sorts and folds the same on every operating system.
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  const [file, given, options] = commandAs(runAs, initdb, args)
  await promisify(execFile)(file, given, { ...options, env: environment }).catch(
    (cause: Error & { stderr?: string }) => {
      throw new Error(`PostgreSQL could not prepare ${dataDir}: ${lastLine(cause.stderr ?? cause.message)}`, { cause })
    },
  )
  await rename(growing, dataDir)
}

async function requireSameVersion({ postgres }: PostgresBinaries, dataDir: string, runAs: ServerUser): Promise<void> {
  const written = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim()
  const [file, args, options] = commandAs(runAs, postgres, ['--version'])
  const { stdout } = await promisify(execFile)(file, args, { ...options, env: environment })
  const ours = /(\d+)\./.exec(stdout)?.[1]
  if (written !== ours) {
    throw new Error(
      `${dataDir} was written by PostgreSQL ${written} and this version brings PostgreSQL ${ours}: ` +
        'start the version that wrote it, make a backup, and restore that into an empty data directory here.',
    )
  }
}

function serverSettings(more: Record<string, string> = {}): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    // Failing statements are the caller's to report. The server's log must not repeat their values.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...more,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** After a crash, processes of the old server may need a moment to notice; only then is a second attempt worth it. */
async function launch({ postgres }: PostgresBinaries, args: string[], runAs: ServerUser, attempts: number) {
  for (;;) {
    // A session of its own: Ctrl-C in a terminal reaches us, and we decide when the database stops.
    const [file, given, options] = commandAs(runAs, postgres, args)
    const process = spawn(file, given, {
      ...options,
      env: environment,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const done = exitCode(process)
    const failure = await readyOrFailure(process, done)
    if (failure === undefined) return { process, done }
    if (--attempts === 0) throw new Error(`PostgreSQL did not start: ${failure}`)
    await sleep(1000)
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

/** Recovery after a crash takes as long as it takes, so there is no time limit: it says it is ready, or it ends. */
async function readyOrFailure(child: ChildProcess, done: Promise<number>): Promise<string | undefined> {
  let last = 'it said nothing'
  const ready = new Promise<undefined>((resolve) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line.includes('FATAL') || line.includes('PANIC')) last = line
      if (line.endsWith('database system is ready to accept connections')) resolve(undefined)
    })
  })
  return Promise.race([ready, done.then((code) => `${lastLine(last)} (exit code ${code})`)])
}

/**
 * A shell that waits on a pipe which only we hold: when we are gone, by whatever signal, the pipe closes and it stops the
 * server, if the data directory still names that server.
 */
function watch(pid: number, dataDir: string, runAs: ServerUser): ChildProcess {
  const script = 'while read -r _; do :; done; read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] && kill -INT "$1"'
  const [file, args, options] = commandAs(runAs, '/bin/sh', ['-c', script, 'custodia-watchdog', String(pid), dataDir])
  const shell = spawn(file, args, {
    ...options,
    env: environment,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  return shell
}

async function makeDatabase({ host }: { host: string }): Promise<void> {
  const client = new pg.Client({ host, user, database: 'postgres' })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (rowCount === 0) await client.query(`create database ${database}`)
  } finally {
    await client.end()
  }
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? ''
