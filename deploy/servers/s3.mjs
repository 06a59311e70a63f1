import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheOf, fillCache, freePort, serverProcess } from './server-process.mjs'

const run = promisify(execFile)

export const VERSITYGW_VERSION = '1.8.0'
const cache = cacheOf(`versitygw-${VERSITYGW_VERSION}`)
const program = join(cache, 'versitygw')

/** versitygw, built by Go from its module proxy once (minutes), then out of the cache. */
export const fetchS3 = async () => {
  if (existsSync(program)) return
  try {
    await fillCache(cache, async (work) => {
      const args = ['install', `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`]
      await run('go', args, { env: { ...process.env, GOBIN: work }, maxBuffer: 16_000_000 })
      return work
    })
  } catch (error) {
    const missing = 'Tests on a real S3 server need `go` on the PATH (1.24 or later).'
    throw new Error(error.code === 'ENOENT' ? missing : `versitygw was not built: ${error.message}`, { cause: error })
  }
}

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

  const args = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', dir]
  const { start, end, freeze, thaw } = serverProcess({
    name: 'versitygw',
    command: program,
    args,
    options: { env },
    port,
  })
  const stop = async () => {
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
    /** a server that neither answers nor hangs up */
    freeze,
    thaw,
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
