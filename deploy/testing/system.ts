import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../backend/dist/cli/custodia.js', import.meta.url))

export interface RunningSystem {
  origin: string
  dataDir: string
  /** of the very first start */
  setupCode: string | undefined
  /** everything it printed so far */
  output(): string
  process: ChildProcess
  /** the supervisor's exit code; null when a signal ended it */
  exited: Promise<number | null>
  /** Ctrl-C; resolves with the exit code when every process is gone */
  stop(): Promise<number | null>
}

export interface SystemOptions {
  dataDir?: string
  /** a folder of local rules, copied to <data>/rules before the start */
  rules?: string
  flags?: string[]
  env?: Record<string, string>
}

/** How a start that was refused ended. */
export interface Refusal {
  code: number | null
  stdout: string
  stderr: string
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** A directory that the database server's user can reach too: what `mkdtemp` makes is private. */
export function newDataDir(): string {
  const base = mkdtempSync(join(tmpdir(), 'custodia-test-'))
  chmodSync(base, 0o711)
  return join(base, 'data')
}
export const removeDataDir = (dataDir: string): void => rmSync(join(dataDir, '..'), { recursive: true, force: true })

/** As from a terminal: in a process group of its own, so that Ctrl-C can be sent to all of it; `through` another program, if named. */
export const launch = (flags: string[], env: Record<string, string>, through: string[] = []): ChildProcess => {
  const [file = '', ...args] = [...through, process.execPath, cli, 'start', ...flags]
  return spawn(file, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

/** The whole system as `npm start` runs it, on a free port and a data directory of its own. Resolves when it is ready. */
export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const dataDir = options.dataDir ?? newDataDir()
  if (options.rules) cpSync(options.rules, join(dataDir, 'rules'), { recursive: true })
  const port = options.env?.PORT ?? (await freePort())
  const origin = `${options.env?.TLS_CERT ? 'https' : 'http'}://localhost:${port}`
  const child = launch(options.flags ?? [], { PORT: String(port), CUSTODIA_DATA_DIR: dataDir, ...options.env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const stop = (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGINT')
    return exited
  }
  try {
    await untilReady(origin, exited, () => output)
  } catch (error) {
    await stop()
    if (!options.dataDir) removeDataDir(dataDir)
    throw error
  }
  return {
    origin,
    dataDir,
    setupCode: /Setup code[^:]*: (\S+)/.exec(output)?.[1],
    output: () => output,
    process: child,
    exited,
    stop,
  }
}

/** A start that must not succeed: how it ended, and what it said. */
export async function startRefused(env: Record<string, string>, through: string[] = []): Promise<Refusal> {
  const child = launch([], { PORT: String(await freePort()), ...env }, through)
  const said = { stdout: '', stderr: '' }
  child.stdout!.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...said }
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
}

/** One answer, whatever certificate is shown. With a body it is a POST of JSON. */
export const ask = (url: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? secureRequest : request
    const options = {
      method: body ? 'POST' : 'GET',
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      rejectUnauthorized: false,
      agent: false as const,
    }
    send(url, options, (answer) => {
      answer.resume().once('end', () => resolve({ status: answer.statusCode!, headers: answer.headers }))
    })
      .once('error', reject)
      .end(body && JSON.stringify(body))
  })

export const isReady = (origin: string): Promise<boolean> =>
  ask(`${origin}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  )

async function untilReady(origin: string, exited: Promise<number | null>, output: () => string): Promise<void> {
  let over = false
  void exited.then(() => (over = true))
  for (let waited = 0; waited < 120_000; waited += 200) {
    if (over) throw new Error(`the system did not start:\n${output()}`)
    if (output().includes('Ctrl-C stops everything') && (await isReady(origin))) return // all is said, the setup code too
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the system was not ready in time:\n${output()}`)
}
