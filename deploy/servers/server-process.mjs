// What the servers for tests have in common: fetched once into a cache, a free port, and a process that ends with its test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { standsStill } from './stands-still.mjs'

/** where the named server's files are kept from one run to the next */
export const cacheOf = (name) => join(process.env.CUSTODIA_CACHE ?? join(homedir(), '.cache', 'custodia'), name)

/** Fills a folder of the cache, whole or not at all: `fetch` gets an empty folder and says what of it is to be kept. */
export const fillCache = async (cache, fetch) => {
  await mkdir(join(cache, '..'), { recursive: true })
  const work = await mkdtemp(`${cache}-`)
  try {
    // whoever comes second finds the first one's
    await rename(await fetch(work), cache).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const given = new Set()

/** A port of 127.0.0.1 that nobody listens on, and another at each call: the kernel may well name one twice that is still unused. */
export const freePort = async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  if (given.has(port)) return freePort()
  given.add(port)
  return port
}

const answers = (port, host = '127.0.0.1') =>
  new Promise((resolve) => {
    const socket = connect(port, host)
      .once('connect', () => socket.destroy() && resolve(true))
      .once('error', () => resolve(false))
  })

/** a server that has not opened its port by then does not come */
const START_MS = 60_000

/**
 * One process of a server. `start` resolves when its port answers, or when it says on its output that it is `ready`, or
 * rejects with the last that it printed; `end` resolves when it is gone, `freeze` (SIGSTOP) when it stands still, its port open,
 * until `thaw`. A test run that is interrupted leaves none behind.
 */
export const serverProcess = ({ name, command, args, options, host, port, ready, lastSignal = 'SIGKILL' }) => {
  let child
  const signal = (which) => child?.kill(which)
  const endWithUs = () => signal(lastSignal)

  const start = async () => {
    let printed = ''
    child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        printed = (printed + text).slice(-4000)
      })
    process.once('exit', endWithUs)
    child.once('exit', () => process.off('exit', endWithUs))
    const until = Date.now() + START_MS
    while (!(ready ? printed.includes(ready) : await answers(port, host))) {
      if (child.exitCode !== null || Date.now() > until) {
        signal(lastSignal)
        throw new Error(`${name} did not start: ${printed.trim() || 'it printed nothing'}`)
      }
      await sleep(50)
    }
  }
  const end = async (which) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(which)
    await gone
  }
  const freeze = async () => {
    signal('SIGSTOP')
    await standsStill(child.pid)
  }
  const thaw = () => signal('SIGCONT')
  return { start, end, freeze, thaw }
}
