import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
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

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** A directory that the database server's user can reach too; `mkdtemp` alone makes it private. */
export const newDataDir = (): string => join(mkdtempSync(join(tmpdir(), 'custodia-test-')), 'data')
export const removeDataDir = (dataDir: string): void => rmSync(join(dataDir, '..'), { recursive: true, force: true })

/** The whole system as `npm start` runs it, on a free port and a data directory of its own. Resolves when it is ready. */
export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const dataDir = options.dataDir ?? newDataDir()
  if (options.rules) cpSync(options.rules, join(dataDir, 'rules'), { recursive: true })
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child = spawn(process.execPath, [cli, 'start', ...(options.flags ?? [])], {
    env: { ...process.env, NODE_OPTIONS: '', PORT: String(port), CUSTODIA_DATA_DIR: dataDir, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  await untilReady(origin, exited, () => output)
  return {
    origin,
    dataDir,
    setupCode: /Setup code[^:]*: (\S+)/.exec(output)?.[1],
    output: () => output,
    process: child,
    stop: () => {
      child.kill('SIGINT')
      return exited
    },
  }
}

async function untilReady(origin: string, exited: Promise<number | null>, output: () => string): Promise<void> {
  let over = false
  void exited.then(() => (over = true))
  for (let waited = 0; waited < 120_000; waited += 200) {
    if (over) throw new Error(`the system did not start:\n${output()}`)
    const ready = await fetch(`${origin}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the system was not ready in time:\n${output()}`)
}
