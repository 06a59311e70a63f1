import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of our own that answers each order with a result. */
export class Worker {
  #settle

  constructor(module, { args = [], env = {} } = {}) {
    this.child = fork(fileURLToPath(new URL(module, import.meta.url)), args, { env: { ...process.env, ...env } })
    this.child.on('message', ({ result, error }) =>
      error ? this.#settle?.reject(new Error(error)) : this.#settle?.resolve(result),
    )
    this.gone = once(this.child, 'exit')
    void this.gone.then(([code]) => this.#settle?.reject(new Error(`${module} ended with ${code}`)))
  }

  /** what it says first, by itself */
  hear() {
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
  }

  ask(order) {
    const answer = this.hear()
    this.child.send(order)
    return answer
  }

  async stop() {
    this.#settle = undefined
    this.child.kill('SIGTERM')
    await this.gone
  }
}

/** Makes a module a worker: one function, asked over the channel. */
export function serveOrders(work) {
  process.on('message', (order) => {
    work(order).then(
      (result) => process.send({ result }),
      (error) => process.send({ error: error.stack ?? String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
}
