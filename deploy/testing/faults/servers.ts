import { execFile } from 'node:child_process'
import { chmod, mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { startPostgres, type EmbeddedPostgres } from '../../../backend/src/record-store/embedded.js'
import { privateSocketPath, startChdb, type ChdbProcess } from '../../../streams/src/audit-store/index.js'
import { startS3, type S3Server } from '../../servers/s3.mjs'
import { startFaultProxy, type FaultProxy } from '../fault-proxy.js'
import { descendantsOf } from '../processes.js'

/** A server behind a line with faults, and what its host can do to it. */
export interface Server {
  line: FaultProxy
  /** ends it at once, as a machine that loses its power */
  kill(): Promise<void>
  /** starts it again, with what it had */
  start(): Promise<void>
  /** its disk takes no more */
  fill(): Promise<void>
  /** there is room again; a server that ended for want of it is started */
  free(): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)

/**
 * A disk that takes no more: from this size on the kernel refuses what these processes write to a file, whichever it is.
 * `unlimited` gives the room back. Needs no right but that over the processes.
 */
export async function limitFiles(pids: readonly number[], bytes: number | 'unlimited'): Promise<void> {
  for (const pid of pids) await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}

/** Nothing of any use fits into it. */
const smallest = 4096

const always = () => true
const never = () => false

/** Its data are on a disk of their own, so that this can be full and nothing else. */
export async function startPostgresServer(
  base: string,
): Promise<Server & { url: string; ask(statement: string, values: unknown[]): Promise<unknown> }> {
  await chmod(base, 0o711) // as root, the database server runs as somebody else
  const disk = join(base, 'disk')
  const ballast = join(disk, 'ballast')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=128m,mode=711', 'tmpfs', disk]).catch((cause: unknown) => {
    throw new Error('The faults of a full disk need the right to mount a tmpfs: run them as root.', { cause })
  })
  let server: EmbeddedPostgres | undefined
  let ended = false
  const start = async () => {
    server = await startPostgres({ dataDir: join(disk, 'postgres'), runDir: join(base, 'postgres-run') })
    ended = false
    void server.done.then(() => (ended = true))
  }
  await start()
  const { host, user, database } = server!.connection
  const line = await startFaultProxy({ path: join(host, '.s.PGSQL.5432') })
  return {
    line,
    url: `postgres://${user}@127.0.0.1:${line.port}/${database}`,
    start,
    /** past the line and its faults */
    ask: async (statement, values) => {
      const client = new pg.Client(server!.connection)
      client.on('error', () => undefined)
      await client.connect()
      return client.query(statement, values).finally(() => client.end())
    },
    kill: async () => {
      process.kill(server!.pid, 'SIGKILL')
      await server!.done
    },
    fill: async () => {
      const { bavail, bsize } = await statfs(disk)
      await writeFile(ballast, Buffer.alloc(bavail * bsize))
      // There is room in the files of its log that are there already: let it need another one, as it soon would.
      const client = new pg.Client(server!.connection)
      client.on('error', () => undefined)
      await client.connect()
      const fillFile = () => client.query(`select pg_logical_emit_message(true, 'x', 'x'), pg_switch_wal()`)
      while (await fillFile().then(always, never)) continue
      await client.end().catch(() => undefined)
    },
    free: async () => {
      await rm(ballast)
      if (ended) await start()
    },
    stop: async () => {
      await line.stop()
      await server?.stop()
      await run('umount', [disk])
    },
  }
}

export async function startClickHouseServer(base: string): Promise<Server & { url: string }> {
  const socketPath = privateSocketPath(base, 'audit.sock')
  let server: ChdbProcess | undefined
  const start = async () => {
    server = await startChdb({ dataDir: join(base, 'clickhouse'), socketPath })
  }
  await start()
  const line = await startFaultProxy({ path: socketPath })
  return {
    line,
    url: `http://127.0.0.1:${line.port}`,
    start,
    kill: async () => {
      server!.process.kill('SIGKILL')
      await server!.exited
    },
    fill: () => limitFiles([server!.process.pid!], smallest),
    free: async () => {
      if (server!.process.exitCode === null) await limitFiles([server!.process.pid!], 'unlimited')
      else await start()
    },
    stop: async () => {
      await line.stop()
      await server?.stop()
    },
  }
}

export async function startS3Server(): Promise<Server & { env: Record<string, string> }> {
  const server: S3Server = await startS3()
  const { hostname, port } = new URL(server.endpoint)
  const line = await startFaultProxy({ host: hostname, port: Number(port) })
  const { bucket, region, credentials } = server
  return {
    line,
    env: {
      CUSTODIA_S3_BUCKET: bucket,
      CUSTODIA_S3_REGION: region,
      CUSTODIA_S3_ENDPOINT: `http://127.0.0.1:${line.port}`,
      CUSTODIA_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      CUSTODIA_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    start: () => server.start(),
    kill: () => server.kill(),
    fill: () => limitFiles(descendantsOf(process.pid, /versitygw/), smallest),
    free: async () => {
      const running = descendantsOf(process.pid, /versitygw/)
      if (running.length) await limitFiles(running, 'unlimited')
      else await server.start()
    },
    stop: async () => {
      await line.stop()
      await server.stop()
    },
  }
}
