import { DrizzleQueryError } from 'drizzle-orm'

/** The server did not answer, in time or at all. */
export class RecordStoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecordStoreUnavailable'
  }
}

/** Could not be serialised, or a deadlock: of two that wanted what one can have, the one that lost. It may begin again. */
const lostRaces = ['40001', '40P01']
/** The connection, the server's resources, a statement that took too long, a shutdown. */
const lostServers = /^(08|53|57)/

export const isLostRace = (error: unknown): boolean => lostRaces.includes(sqlStateOf(error) ?? '')

/** Nothing is wrong with what was asked: the server went away, or had no room, while it was asked. */
export function isServerLost(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state !== undefined) return lostServers.test(state)
  // A statement that failed without the server's verdict: its connection ended under it.
  return chain(error).some((link) => link instanceof RecordStoreUnavailable || link instanceof DrizzleQueryError)
}

/** Five characters with a digit among them, which the codes of Node's own errors do not have. */
const isSqlState = (code: unknown): code is string => typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)

/** The query builder wraps the server's error. */
const sqlStateOf = (error: unknown): string | undefined =>
  chain(error)
    .map(({ code }) => code)
    .find(isSqlState)

interface Link {
  code?: unknown
  cause?: unknown
}
const chain = (error: unknown): Link[] =>
  typeof error === 'object' && error !== null ? [error, ...chain((error as Link).cause)] : []
