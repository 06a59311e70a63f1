import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { standsStill } from '../servers/stands-still.mjs'

/** As an orchestrator waits before it starts again what ended. */
const pauseMs = 300
const mostPrinted = 20_000

/**
 * One process of the system as an orchestrator runs it: started again whenever it ends, until it is stopped. Resolving
 * `start` or `started` means that it said it was ready.
 */
export class Part {
  private process?: ChildProcess
  private ready = Promise.withResolvers<void>()
  private wanted = false
  private printed = ''
  /** lives so far */
  lives = 0

  constructor(
    readonly name: string,
    private readonly module: string,
    private readonly env: Record<string, string>,
  ) {}

  start(): Promise<void> {
    this.wanted = true
    this.spawn()
    return this.started()
  }

  /** Resolves once the life that is running, or the next one that comes so far, is ready. */
  async started(): Promise<void> {
    await this.ready.promise
  }

  /** SIGKILL, as a machine that loses its power, ready or not. Resolves when it is gone; it is started again in a moment. */
  async kill(): Promise<void> {
    while (!this.alive()) await sleep(pauseMs / 10) // of the kill before
    await this.end('SIGKILL')
  }

  /** SIGKILL, and nobody starts it again. */
  async lose(): Promise<void> {
    this.wanted = false
    await this.end('SIGKILL')
  }

  /** SIGSTOP, until `thaw`: a process that does nothing, and does not know it. */
  async freeze(): Promise<void> {
    this.process?.kill('SIGSTOP')
    if (this.pid) await standsStill(this.pid)
  }

  thaw(): void {
    this.process?.kill('SIGCONT')
  }

  /** Asks it to end, for good. Resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.wanted = false
    return this.end('SIGTERM')
  }

  /** of the life that is running */
  get pid(): number | undefined {
    return this.process?.pid
  }

  /** What it printed last, for the one who reads a red test. */
  output(): string {
    return this.printed
  }

  private alive(): boolean {
    return this.process?.exitCode === null && this.process.signalCode === null
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const running = this.process
    if (!running || !this.alive()) return running?.exitCode ?? null
    const gone = once(running, 'exit') as Promise<[number | null]>
    running.kill(signal)
    const [code] = await gone
    return code
  }

  private spawn(): void {
    this.lives++
    const child = fork(this.module, [], {
      env: { ...process.env, NODE_OPTIONS: '', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.process = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (this.printed = (this.printed + text.toString()).slice(-mostPrinted)))
    const { ready } = this
    child.on('message', (message) => (message as { ready?: boolean }).ready && ready.resolve())
    child.once('exit', () => {
      this.ready = Promise.withResolvers()
      void this.ready.promise.then(() => ready.resolve()) // who waits for this life waits for the next
      if (this.wanted) setTimeout(() => this.wanted && this.spawn(), pauseMs)
    })
  }
}
