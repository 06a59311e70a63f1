import { fork, type ChildProcess } from 'node:child_process'

const firstPauseMs = 200
const longestPauseMs = 5000
const stopMs = 10_000

export interface ChildOptions {
  name: string
  module: string
  args?: string[]
  env?: Record<string, string>
  /** messages it sends over its channel */
  onMessage?: (message: unknown) => void
  say: (line: string) => void
}

/**
 * One process of the system, started again when it dies. It runs in a group of its own, so that Ctrl-C reaches the
 * supervisor alone, which stops the parts in order; when the supervisor itself is killed, the closed channel ends the child.
 */
export class Child {
  private process?: ChildProcess
  private pauseMs = firstPauseMs
  private stopping = false
  private timer?: NodeJS.Timeout

  constructor(private readonly options: ChildOptions) {}

  /** Resolves with its first message (`{ ready: true, … }`); rejects when it ends before, with what it said. */
  async start(): Promise<unknown> {
    this.stopping = false
    const child = this.spawn()
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
    return new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', () => reject(new Error(complaint.trim() || `${this.options.name} ended before it was ready`)))
    })
  }

  send(message: object): void {
    if (this.process?.connected) this.process.send(message)
  }

  async stop(): Promise<void> {
    this.stopping = true
    clearTimeout(this.timer)
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), stopMs)
    await ended
    clearTimeout(patience)
  }

  private spawn(): ChildProcess {
    const { module, args = [], env, name, onMessage, say } = this.options
    const child = fork(module, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    this.process = child
    const startedAt = Date.now()
    let ready = false
    child.stderr?.pipe(process.stderr, { end: false })
    child.on('message', (message) => {
      ready = true
      onMessage?.(message)
    })
    child.once('exit', (code, signal) => {
      // One that never became ready is the starter's to complain about; later it is an ordinary event.
      if (this.stopping || (!ready && this.pauseMs === firstPauseMs)) return
      if (Date.now() - startedAt > 60_000) this.pauseMs = firstPauseMs
      say(`${name} ended (${signal ?? code}) and is started again`)
      this.timer = setTimeout(() => this.spawn(), this.pauseMs)
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs)
    })
    return child
  }
}
