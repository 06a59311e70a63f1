import type { LiveMessages } from '@custodia/contracts'
import type { Socket } from 'socket.io'

/** A desk's page: it only listens. What may be said to it is the contract's map. */
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
