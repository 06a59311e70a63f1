import { fork, type ChildProcess } from 'node:child_process'
import { appendFileSync, closeSync, openSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { environmentWith } from '../config.js'

const firstPauseMs = 200
const longestPauseMs = 5000
const steadyMs = 60_000
const stopMs = 10_000
const longestLog = 20 * 1024 * 1024

export interface ChildOptions {
  name: string
  module: string
  /** its lines go to `<name>.log` in here; what it complains about goes to the terminal too */
  logDir: string
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
    const listen = (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000))
    child.stderr!.on('data', listen)
    return new Promise((resolve, reject) => {
      const failed = () => reject(new Error(complaint.trim() || `${this.options.name} ended before it was ready.`))
      child.once('close', failed)
      child.once('message', (message) => {
        child.off('close', failed)
        child.stderr!.off('data', listen)
        process.stderr.write(complaint)
        this.keep(child)
        resolve(message)
      })
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

  /** Ends what runs, so that it is started again at once. */
  restart(): void {
    this.pauseMs = 0
    this.process?.kill('SIGTERM')
  }

  private spawn(): ChildProcess {
    const { name, module, logDir, env, onMessage } = this.options
    const logFile = join(logDir, `${name}.log`)
    const log = openLog(logFile)
    const child = fork(module, [], {
      detached: true,
      env: environmentWith(env),
      stdio: ['ignore', log, 'pipe', 'ipc'],
    })
    closeSync(log)
    child.stderr!.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk))
    if (onMessage) child.on('message', onMessage)
    return (this.process = child)
  }

  /** From now on its end is an ordinary event. */
  private keep(child: ChildProcess): void {
    const startedAt = Date.now()
    child.stderr!.pipe(process.stderr, { end: false })
    child.once('exit', (code, signal) => {
      if (this.stopping) return
      if (Date.now() - startedAt > steadyMs) this.pauseMs = Math.min(this.pauseMs, firstPauseMs)
      this.options.say(`${this.options.name} ended (${signal ?? code}) and is started again`)
      this.timer = setTimeout(() => this.keep(this.spawn()), this.pauseMs)
      this.pauseMs = Math.min(Math.max(this.pauseMs * 2, firstPauseMs), longestPauseMs)
    })
  }
}

/** Appends to the file of earlier starts; one that has grown long makes room, and the one before it goes. */
function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > longestLog) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}
