import { sql, type SQL } from 'drizzle-orm'
import type { Caller } from '../gateway/caller.js'

/**
 * A condition for the `where` of every statement that loads a record: this session and this account are in force at the
 * moment the row is read. With it, no request that starts after a freeze was committed gets a row.
 */
export const stillAllowed = (caller: Pick<Caller, 'id' | 'session'>): SQL => sql`exists (
  select 1 from sessions s join accounts a on a.id = s.account_id
  where s.id = ${caller.session} and a.id = ${caller.id} and s.ended_at is null and s.expires_at > now()
    and a.status = 'active' and (a.frozen_until is null or a.frozen_until <= now()))`
