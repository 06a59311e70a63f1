import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Who else has the log open. Kept in the log itself, so that two newcomers at once see each other in one order. */
export interface Registry {
  /** enters an endpoint; returns those that were there before it */
  enter(endpoint: string, path: string): Promise<string[]>
  /** its socket, while it is entered */
  find(endpoint: string): string | undefined
  /** takes an endpoint out with all that lived behind it */
  remove(endpoint: string): Promise<void>
}

/** Rung for every bell: something may have been missed. */
export const EVERYTHING = '*'
/** first line of a newcomer: who it is */
const HELLO = 'hello '
const TEMP = 'custodia-wake-'
/** longest path of a Unix socket that every system takes */
const LONGEST_PATH = 100
const LONGEST_LINE = 65_536
/** between two tries to reach a process that lives but does not answer; concerns its liveness, never delivery */
const RETRY_MS = 500

interface Peer {
  endpoint: string
  socket: Socket
  /** bells to ring there as soon as it reads on; one ring stands for many */
  pending: Set<string>
  full: boolean
}

/**
 * Wakes the readers of every process that has the log open, over one Unix socket a pair. A newcomer connects to all who
 * entered before it, and each of them answers EVERYTHING on accepting: what was appended before that is looked for then,
 * what is appended after it is announced. A closed connection also rings EVERYTHING, as its process may have been
 * killed between committing and announcing; a refused one tells that its process is dead.
 */
export class Mesh {
  readonly endpoint = `${process.pid}-${randomBytes(6).toString('hex')}`
  readonly #peers = new Set<Peer>()
  readonly #announced = new Set<string>()
  readonly #closing = new AbortController()
  readonly #calls = new Set<Promise<void>>()
  #server: Server | undefined
  #path = ''

  private constructor(
    private readonly registry: Registry,
    private readonly ring: (bell: string) => void,
  ) {}

  static async join(dir: string, registry: Registry, ring: (bell: string) => void): Promise<Mesh> {
    const mesh = new Mesh(registry, ring)
    mesh.#path = await socketPath(join(dir, 'wake'), mesh.endpoint)
    mesh.#server = await mesh.#listen()
    for (const endpoint of await registry.enter(mesh.endpoint, mesh.#path)) mesh.#call(endpoint)
    return mesh
  }

  /** rings a bell in every other process; once for all the appends that one flush made durable */
  announce(bell: string): void {
    if (this.#announced.size === 0) queueMicrotask(() => this.#announceAll())
    this.#announced.add(bell)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#calls)
    // a log that cannot be written must close all the same; the others will find this socket refused
    await this.registry.remove(this.endpoint).catch(() => undefined)
    for (const { socket } of this.#peers) socket.destroy()
    await new Promise((resolve) => this.#server?.close(resolve))
    await removeSocket(this.#path)
  }

  #announceAll(): void {
    for (const peer of this.#peers) for (const bell of this.#announced) this.#send(peer, bell)
    this.#announced.clear()
  }

  #listen(): Promise<Server> {
    const server = createServer((socket) => {
      const peer = this.#accept(socket, '')
      this.#send(peer, EVERYTHING)
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#path, () => resolve(server))
    })
  }

  /** connects to an endpoint, unless another connection is open; goes on until it answers or is known to be dead */
  #call(endpoint: string): void {
    if ([...this.#peers].some((peer) => peer.endpoint === endpoint)) return
    const call = this.#reach(endpoint).finally(() => this.#calls.delete(call))
    this.#calls.add(call)
  }

  async #reach(endpoint: string): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const reached = await this.#try(endpoint).catch(() => false) // a log that cannot be written now is tried again
      if (reached) return
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** true when there is nothing left to try */
  async #try(endpoint: string): Promise<boolean> {
    const path = this.registry.find(endpoint)
    if (!path) return true
    const { socket, code } = await dial(path)
    if (socket) {
      socket.write(`${HELLO}${this.endpoint}\n`)
      this.#accept(socket, endpoint)
      return true
    }
    if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return false
    await this.registry.remove(endpoint)
    await removeSocket(path)
    this.ring(EVERYTHING)
    this.announce(EVERYTHING)
    return true
  }

  #accept(socket: Socket, endpoint: string): Peer {
    const peer: Peer = { endpoint, socket, pending: new Set(), full: false }
    this.#peers.add(peer)
    let rest = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST_LINE) socket.destroy()
      for (const line of lines) {
        if (line.startsWith(HELLO)) peer.endpoint = line.slice(HELLO.length)
        else this.ring(line)
      }
    })
    socket.on('drain', () => {
      peer.full = false
      const waiting = [...peer.pending]
      peer.pending.clear()
      for (const bell of waiting) this.#send(peer, bell)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#peers.delete(peer)
      if (this.#closing.signal.aborted) return
      this.ring(EVERYTHING)
      if (peer.endpoint) this.#call(peer.endpoint)
    })
    return peer
  }

  #send(peer: Peer, bell: string): void {
    if (peer.full) peer.pending.add(bell)
    else peer.full = !peer.socket.write(`${bell}\n`)
  }
}

const dial = (path: string): Promise<{ socket?: Socket; code?: string }> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve({ socket }))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve({ code }))
  })

const socketPath = async (wake: string, endpoint: string): Promise<string> => {
  await mkdir(wake, { recursive: true, mode: 0o700 })
  const path = join(wake, `${endpoint}.sock`)
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join(await mkdtemp(join(tmpdir(), TEMP)), 's.sock')
}

/** a socket file, and the directory that was made for it alone */
const removeSocket = async (path: string): Promise<void> => {
  await rm(path, { force: true })
  if (basename(dirname(path)).startsWith(TEMP)) await rm(dirname(path), { recursive: true, force: true })
}
