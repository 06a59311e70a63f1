import type { LiveMessages } from '@custodia/contracts'
import type { Socket } from 'socket.io'

/** A desk's page: it only listens. What may be said to it is the contract's map. */
export type LiveSocket = Socket<Record<never, never>, LiveMessages>
