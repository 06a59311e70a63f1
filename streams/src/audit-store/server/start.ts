import { spawn, type ChildProcess } from 'node:child_process'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the process says to its parent once. */
export type StartMessage = { ready: true } | { ready: false; reason: string }

export interface ChdbProcess {
  readonly process: ChildProcess
  /** resolves with the exit code (null: by a signal) whenever the process ends */
  readonly exited: Promise<number | null>
  /** asks it to end cleanly and waits; kills it when it takes longer than `graceMs` */
  stop(graceMs?: number): Promise<void>
}

/** Threads of the engine's calls; reads and writes together need fewer, so that file access never waits for a report. */
const poolSize = 16

/** Starts the embedded audit store; resolves when it answers, rejects with one sentence when it cannot. */
export const startChdb = async (options: { dataDir: string; socketPath: string }): Promise<ChdbProcess> => {
  const child = spawn(process.execPath, [builtEntry(), '--data', options.dataDir, '--socket', options.socketPath], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { UV_THREADPOOL_SIZE: String(poolSize), TZ: 'UTC' }, // nothing of the parent's: secrets stay where they are
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const started = await new Promise<StartMessage>((resolve) => {
    child.once('message', (message) => resolve(message as StartMessage))
    child.once('error', (error) => resolve({ ready: false, reason: `The audit store did not start: ${error.message}` }))
    void exited.then((code) => resolve({ ready: false, reason: `The audit store ended at once (code ${code}).` }))
  })
  if (!started.ready) throw new Error(started.reason)
  return {
    process: child,
    exited,
    stop: async (graceMs = 10_000) => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await exited.finally(() => clearTimeout(timer))
    },
  }
}

/** Tests run this file from its source; the process always runs what was built. */
const builtEntry = (): string =>
  fileURLToPath(new URL('./main.js', import.meta.url)).replace(
    `${sep}streams${sep}src${sep}`,
    `${sep}streams${sep}dist${sep}`,
  )
