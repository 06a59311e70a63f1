// Offers HTTP load from a process of its own: plain sockets, kept alive, one request at a time on each. Told what to do over
// its channel. Costs the machine a fraction of what a full HTTP client would take from the servers that are measured.
import { connect } from 'node:net'
import { serveOrders } from './child.mjs'
import { quantile } from './figures.mjs'

const headEnd = Buffer.from('\r\n\r\n')

/** A socket that asks one thing at a time. Answers must tell their length: those of both sides that are compared here do. */
class Caller {
  #socket
  #head = Buffer.alloc(0)
  #missing = 0
  #status = 0
  #settle

  static async open(port) {
    const caller = new Caller()
    caller.#socket = connect(port, '127.0.0.1')
    caller.#socket.setNoDelay(true)
    caller.#socket.on('data', (chunk) => caller.#take(chunk))
    caller.#socket.on('close', () => caller.#settle?.reject(new Error('the server hung up')))
    await new Promise((resolve, reject) => caller.#socket.once('connect', resolve).once('error', reject))
    return caller
  }

  /** resolves with the status when the whole answer has arrived */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close() {
    this.#settle = undefined
    this.#socket.destroy()
  }

  #take(chunk) {
    if (this.#missing === 0) {
      this.#head = this.#head.length ? Buffer.concat([this.#head, chunk]) : chunk
      const end = this.#head.indexOf(headEnd)
      if (end === -1) return
      const head = this.#head.toString('latin1', 0, end)
      const length = /\r\ncontent-length: (\d+)/i.exec(head)
      if (!length) return void this.#socket.destroy(new Error('an answer without content-length'))
      this.#status = Number(head.slice(9, 12))
      this.#missing = Number(length[1]) - (this.#head.length - end - headEnd.length)
      this.#head = Buffer.alloc(0)
    } else this.#missing -= chunk.length
    if (this.#missing > 0) return
    const { resolve } = this.#settle
    this.#settle = undefined
    resolve(this.#status)
  }
}

const requestsOf = (targets) =>
  targets.map(({ path, cookie = '' }) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost:8080\r\ncookie: ${cookie}\r\nuser-agent: bench\r\n\r\n`),
  )

/** Every caller asks again as soon as it was answered. */
async function closedLoop(callers, ask, until) {
  await Promise.all(
    callers.map(async (caller) => {
      while (performance.now() < until) await ask(caller, performance.now())
    }),
  )
}

/** Requests fall due at an even pace, whether earlier ones were answered or not, and are timed from when they fell due. */
async function openLoop(callers, ask, until, rate) {
  const free = [...callers]
  const due = []
  const flying = new Set()
  const start = performance.now()
  let offered = 0
  const send = () => {
    while (due.length && free.length) {
      const caller = free.pop()
      const asked = ask(caller, due.shift()).then(() => {
        flying.delete(asked)
        free.push(caller)
        send()
      })
      flying.add(asked)
    }
  }
  while (performance.now() < until) {
    for (const now = performance.now(); offered < ((now - start) / 1000) * rate; offered++)
      due.push(start + (offered * 1000) / rate)
    send()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (flying.size) await Promise.all(flying)
}

async function run({ port, targets, connections, seconds, rate }) {
  const requests = requestsOf(targets)
  const callers = await Promise.all(Array.from({ length: connections }, () => Caller.open(port)))
  const took = []
  const statuses = {}
  let next = 0
  const ask = async (caller, since) => {
    const status = await caller.ask(requests[next++ % requests.length])
    took.push(performance.now() - since)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  const start = performance.now()
  const until = start + seconds * 1000
  await (rate ? openLoop(callers, ask, until, rate) : closedLoop(callers, ask, until))
  const lasted = (performance.now() - start) / 1000
  for (const caller of callers) caller.close()
  took.sort((a, b) => a - b)
  const times = { p50: quantile(took, 0.5), p99: quantile(took, 0.99) }
  return { perSecond: took.length / lasted, answered: took.length, statuses, ...times }
}

serveOrders(run)
