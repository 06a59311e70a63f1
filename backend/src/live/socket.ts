import type { LiveMessages } from '@custodia/contracts'
import type { Server, Socket } from 'socket.io'

/** How long a connection may stand without having joined one of our namespaces, or after it has left them. */
const unjoinedMs = 5_000

/** Of every namespace: they share one connection. */
export const line = {
  transports: ['websocket' as const],
  pingInterval: 10_000,
  pingTimeout: 10_000,
  connectTimeout: unjoinedMs,
  maxHttpBufferSize: 4096, // a page says where it stands and what it has received
}

/** An open page: it only listens. What may be said to it is the contract's map. */
export type LiveSocket = Socket<Record<never, never>, LiveMessages>

/** Ends the connection without a word, whatever is still on its way: the page comes back by itself and resumes. */
export const letGo = (socket: LiveSocket): void => void socket.request.socket.destroy()

/** A polite close waits for the other end, which may have stopped reading. */
const farewellMs = 300

/** Tells the page that its session is over, and ends the connection for good. */
export function sayBye(socket: LiveSocket, code: string, message: string): void {
  socket.emit('bye', { code, message })
  socket.disconnect(true)
  setTimeout(() => letGo(socket), farewellMs).unref()
}

/** Anybody may join the namespace that has no name, and would stay: nothing is said there, so nobody is taken. */
export const refuseUnnamed = (server: Server): void =>
  void server.of('/').use((_socket, next) => next(new Error('There is nothing here.')))

const joined = new WeakMap<object, number>()

/** Whoever has left all namespaces is let go: without one, nobody asks any more whose connection it is. */
export function letGoUnlessJoined(socket: LiveSocket): void {
  const { conn } = socket
  joined.set(conn, (joined.get(conn) ?? 0) + 1)
  socket.once('disconnect', () => {
    joined.set(conn, (joined.get(conn) ?? 1) - 1)
    setTimeout(() => joined.get(conn) || letGo(socket), unjoinedMs).unref()
  })
}
