import type { Person, StaffTrait } from '@custodia/contracts'
import { and, eq, gt, sql } from 'drizzle-orm'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts, freezes } from '../record-store/schema.js'
import { hasComeIn } from '../identity/has-come-in.js'
import { takesPart } from '../power/given-rights.js'
import { asFreeze } from '../response/freeze-row.js'

export const frozenNow = gt(accounts.frozenUntil, sql`now()`)

/** People with the freeze in force, factors and last seen; add `where` and `order by`. */
export const selectPeople = (tx: Queries) =>
  tx
    .select({
      account: accounts,
      freeze: freezes,
      passkeys: sql<number>`(select count(*)::int from passkeys p where p.account_id = ${accounts.id})`,
      invitedUntil: sql<string | null>`(select max(expires_at) from invitations i where i.account_id = ${accounts.id}
        and i.used_at is null and i.revoked_at is null and i.expires_at > now())`,
      knownBy: sql<StaffTrait[]>`array(select distinct t.field from staff_traits t
        where t.account_id = ${accounts.id} and t.field <> 'name' order by t.field)`,
      hasComeIn,
      givenByName: sql<string | null>`(select g.display_name from accounts g where g.id = ${accounts.decidesGivenBy})`,
      lastSeen: sql<string | null>`(select max(last_seen_at) from sessions s where s.account_id = ${accounts.id})`,
    })
    .from(accounts)
    .leftJoin(freezes, and(eq(freezes.id, accounts.freezeId), frozenNow))
    .$dynamic()

export type PersonRow = Awaited<ReturnType<typeof selectPeople>>[number]

export const asPerson = ({
  account,
  freeze,
  passkeys,
  invitedUntil,
  knownBy,
  lastSeen,
  ...row
}: PersonRow): Person => ({
  id: account.id,
  username: account.username,
  display_name: account.displayName,
  role: account.role,
  team: account.team,
  branch: account.branch,
  manager: account.managerId ?? undefined,
  demo: account.demo,
  drill: account.drill || undefined,
  status: account.status,
  freeze: freeze ? asFreeze(freeze, account) : undefined,
  measures: account.measures.filter(({ until }) => Date.parse(until) > Date.now()),
  email: account.email ?? undefined,
  known_by: knownBy,
  break_glass: account.breakGlass || undefined,
  factors: [...(account.totpConfirmed ? ['totp'] : []), ...(passkeys ? ['passkey'] : [])],
  invited: (account.door === 'password' && !row.hasComeIn) || undefined,
  door: account.door,
  invitation: invitedUntil ? { expires_at: new Date(invitedUntil).toISOString() } : undefined,
  last_seen_at: lastSeen ? new Date(lastSeen).toISOString() : undefined,
  decides: decidesOf(account, row.givenByName),
})

/** Of those who decide what others ask, or ask what others decide, as long as it waits. */
const decidesOf = (account: PersonRow['account'], name: string | null): Person['decides'] => {
  const { decidesFrom: from, decidesGivenBy: by } = account
  if (!from || from.getTime() <= Date.now() || !takesPart(account)) return undefined
  return { from: from.toISOString(), given_by: by ?? undefined, given_by_name: name ?? undefined }
}

/** One person, as the given transaction sees them; `not_found` when there is none. */
export async function loadPerson(tx: Queries, id: string): Promise<Person> {
  const [row] = await selectPeople(tx).where(eq(accounts.id, id))
  if (!row) throw new ProblemError('not_found')
  return asPerson(row)
}
