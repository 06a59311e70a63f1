import { sql, type Placeholder, type SQL } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'

/** Whose session: the values, or the places for them in a prepared statement. */
type Whose = Pick<Caller, 'id' | 'session'> | Record<'id' | 'session', Placeholder>

/** The places that a prepared statement fills with `placesOf(caller)`. */
export const callerPlaces = { id: sql.placeholder('caller'), session: sql.placeholder('session') }
export const placesOf = ({ id, session }: Pick<Caller, 'id' | 'session'>) => ({ caller: id, session })

/**
 * A condition for the `where` of every statement that loads a record: this session and this account are in force at the
 * moment the row is read. With it, no request that starts after a freeze was committed gets a row.
 */
export const stillAllowed = (caller: Whose): SQL => sql`exists (
  select 1 from sessions s join accounts a on a.id = s.account_id
  where s.id = ${caller.session} and a.id = ${caller.id} and s.ended_at is null and s.expires_at > now()
    and a.status = 'active' and (a.frozen_until is null or a.frozen_until <= now()))`
