import { Worker } from 'node:worker_threads'
import type { Tasks } from './tasks.js'
import type { Asked, Told } from './workshop-thread.js'

/** A text kept the thread busy for longer than it is given: nothing is known of it. */
export class TookTooLong extends Error {}

interface Waiting {
  done: (answer: never) => void
  failed: (error: Error) => void
  timer: NodeJS.Timeout
}

/**
 * Rules are compiled and tried in a thread of their own: it takes a good part of a second for the whole pack, and a text that
 * somebody is still writing may take as long as it likes. Whoever waits for an access must not wait for that.
 */
export class Workshop {
  private thread?: Worker
  private next = 0
  private closed = false
  private readonly waiting = new Map<number, Waiting>()

  constructor(private readonly patienceMs = 20_000) {}

  ask<T extends keyof Tasks>(task: T, ...input: Parameters<Tasks[T]>): Promise<ReturnType<Tasks[T]>> {
    if (this.closed) return Promise.reject(new Error('closed'))
    const thread = (this.thread ??= this.start())
    const id = this.next++
    return new Promise((done, failed) => {
      const timer = setTimeout(() => this.end(new TookTooLong('this takes too long')), this.patienceMs)
      this.waiting.set(id, { done: done as Waiting['done'], failed, timer })
      thread.ref()
      thread.postMessage({ id, task, input } satisfies Asked)
    })
  }

  close(): void {
    this.closed = true
    this.end(new Error('closed'))
  }

  private start(): Worker {
    const thread = new Worker(new URL('./workshop-thread.js', import.meta.url))
    thread.on('message', (told: Told) => {
      const { done, failed, timer } = this.waiting.get(told.id) as Waiting
      this.waiting.delete(told.id)
      clearTimeout(timer)
      if (!this.waiting.size) thread.unref() // a thread that nobody waits for keeps no process alive
      if ('failed' in told) failed(new Error(told.failed))
      else done(told.answer as never)
    })
    thread.on('error', (error) => this.end(error))
    return thread
  }

  /** The thread goes, and with it whatever it was at; the next question starts another. */
  private end(why: Error): void {
    const { thread } = this
    this.thread = undefined
    for (const { failed, timer } of this.waiting.values()) {
      clearTimeout(timer)
      failed(why)
    }
    this.waiting.clear()
    void thread?.removeAllListeners().terminate()
  }
}
