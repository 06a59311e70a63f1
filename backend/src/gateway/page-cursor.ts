import { z } from 'zod'
import { ProblemError } from './problem.js'

/** The last row of a page: the next one begins behind it, whatever was added in the meantime. */
export interface PagePlace {
  at: Date
  id: string
}
const Place = z.tuple([z.iso.datetime(), z.string().max(200)])

export const writeCursor = ({ at, id }: PagePlace): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url')

/** Throws `invalid_input` for what we did not write. */
export function readCursor(cursor: string): PagePlace {
  try {
    const [at, id] = Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { at: new Date(at), id }
  } catch (cause) {
    const errors = [{ path: 'query.cursor', message: 'is not a cursor of this list' }]
    throw new ProblemError('invalid_input', { errors }, { cause })
  }
}
