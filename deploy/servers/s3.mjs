import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const VERSITYGW_VERSION = '1.8.0'
const cache = join(
  process.env.CUSTODIA_CACHE ?? join(homedir(), '.cache', 'custodia'),
  `versitygw-${VERSITYGW_VERSION}`,
)
const program = join(cache, 'versitygw')
/** a server that has not opened its port by then does not come */
const START_MS = 30_000

/** versitygw, built by Go from its module proxy once (minutes), then out of the cache. */
export const fetchS3 = async () => {
  if (existsSync(program)) return
  await mkdir(join(cache, '..'), { recursive: true })
  const work = await mkdtemp(`${cache}-`)
  try {
    const args = ['install', `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`]
    await run('go', args, { env: { ...process.env, GOBIN: work }, maxBuffer: 16_000_000 })
    // whole or not at all: whoever comes second finds the first one's
    await rename(work, cache).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } catch (error) {
    const missing = 'Tests on a real S3 server need `go` on the PATH (1.24 or later).'
    throw new Error(error.code === 'ENOENT' ? missing : `versitygw was not built: ${error.message}`, { cause: error })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const freePort = async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => socket.destroy() && resolve(true))
      .once('error', () => resolve(false))
  })

/**
 * A real S3 server (versitygw over a directory) on a free port of 127.0.0.1, with keys of its own and one bucket. `kill` is
 * SIGKILL and keeps the data; `start` brings the same server back; `stop` ends it and removes what it wrote.
 */
export const startS3 = async ({ bucket = 'photos' } = {}) => {
  await fetchS3()
  const dir = await mkdtemp(join(tmpdir(), 'custodia-s3-'))
  await mkdir(join(dir, bucket))
  const port = await freePort()
  const credentials = { accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: randomBytes(20).toString('hex') }
  const env = { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey }

  let server
  let printed = ''
  const start = async () => {
    const args = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', dir]
    server = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (text) => {
        printed = (printed + text).slice(-4000)
      })
    const until = Date.now() + START_MS
    while (!(await answers(port))) {
      if (server.exitCode !== null || Date.now() > until) {
        server.kill('SIGKILL')
        throw new Error(`versitygw did not start: ${printed.trim() || 'it printed nothing'}`)
      }
      await sleep(50)
    }
  }
  const end = async (signal) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }
  // a test run that is interrupted leaves no server behind
  const endWithUs = () => server?.kill('SIGKILL')
  process.once('exit', endWithUs)
  const stop = async () => {
    process.off('exit', endWithUs)
    await end('SIGTERM')
    await rm(dir, { recursive: true, force: true })
  }
  await start().catch(async (error) => {
    await stop()
    throw error
  })
  const pathOf = (key) => join(dir, bucket, key)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    region: 'us-east-1',
    credentials,
    start,
    stop,
    kill: () => end('SIGKILL'),
    /** SIGSTOP and SIGCONT: a server that neither answers nor hangs up */
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    /** turns one byte of an object around, past the server */
    alter: async (key) => {
      const bytes = await readFile(pathOf(key))
      bytes[bytes.length >> 1] ^= 1
      await writeFile(pathOf(key), bytes)
    },
    /** puts other bytes in an object's place, past the server */
    swap: async (key, bytes) => {
      await rm(pathOf(key))
      await writeFile(pathOf(key), bytes)
    },
  }
}
