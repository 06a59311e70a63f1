import { sql, type SQLWrapper } from 'drizzle-orm'
import { customers, searchTokens, staffTraits } from '../../record-store/schema.js'

/**
 * A number or an address that more customers or colleagues than this have belongs to a company, a dormitory or a switchboard,
 * and tells nothing of anybody's relatives.
 */
const largestHousehold = 12

const sharedBy = (table: typeof searchTokens | typeof staffTraits) =>
  sql`(select count(*) from (select 1 from ${table} o where o.field = t.field and o.token = t.token limit ${sql.raw(String(largestHousehold + 1))}) few)`

/**
 * What the viewer and the selected customer have in common, as a column of the statement that loads the customer: the tokens
 * of the one are looked up among those of staff. `viewer` is an account's id, or the column or place of it.
 */
export const relationTo = (viewer: SQLWrapper | string) =>
  sql`array(
    select distinct (case when t.account_id = ${viewer} then 'own ' else 'staff ' end) || t.field
    from ${searchTokens} s join ${staffTraits} t on t.field = s.field and t.token = s.token
    where s.customer_id = ${customers.id} and (t.account_id = ${viewer} or t.field in ('id_number', 'phone'))
      and (t.field in ('name', 'id_number')
        or (${sharedBy(searchTokens)} <= ${sql.raw(String(largestHousehold))} and ${sharedBy(staffTraits)} <= ${sql.raw(String(largestHousehold))})))`.mapWith(
    { mapFromDriverValue: relationOf },
  )

/**
 * The flag of the event, e.g. `same_address+same_surname`; null for strangers. A family name alone is none: one Chinese in
 * fourteen is called Wang, and the log would tell something of a customer's name.
 */
export function relationOf(shared: readonly string[]): string | null {
  const has = (what: string): boolean => shared.includes(what)
  if (has('own id_number')) return 'self'
  const colleague = has('staff id_number') || has('staff phone')
  const household = has('own phone') || has('own address')
  const marks = [
    colleague && 'colleague',
    has('own address') && 'same_address',
    has('own phone') && 'same_phone',
    household && has('own name') && 'same_surname',
  ].filter((mark) => mark !== false)
  return marks.length ? marks.join('+') : null
}
