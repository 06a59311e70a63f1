import type { Door, Me, Permission, Role } from '@custodia/contracts'

/** What a page asks of its reader; the same words as the routes of the API. */
export interface PageDoor {
  door?: Exclude<Door, 'token' | 'ingest_token'> | undefined
  needs?: Permission | undefined
}
type Reader = Pick<Me, 'role' | 'level' | 'permissions'>

export const may = (reader: Pick<Me, 'permissions'> | undefined, needs: Permission | undefined): boolean =>
  !needs || needs === 'own' || !!reader?.permissions.includes(needs)

const starts: Record<Role, readonly [string, Permission][]> = {
  analyst: [['/live', 'live.read']],
  staff: [['/customers', 'customer.search']],
  service: [['/customers', 'customer.search']],
  finance: [['/customers', 'customer.search']],
  manager: [['/customers', 'customer.search']],
  auditor: [['/reports', 'report.read']],
  admin: [['/admin/accounts', 'account.manage']],
}

/** Where a role begins its day; one's own page when the policy table has taken that away. */
export const startPage = (reader: Reader): string =>
  starts[reader.role].find(([, needs]) => may(reader, needs))?.[0] ?? '/me'

/** Where a reader goes instead of the page; undefined: the page itself. The server decides again on every request. */
export const redirectFor = (
  page: PageDoor & { path: string },
  reader: Reader | undefined,
  setupNeeded: boolean,
): { path: string; query?: Record<string, string> } | undefined => {
  const door = page.door ?? 'session'
  const here = page.path.split(/[?#]/)[0]
  if (setupNeeded && !reader) return here === '/setup' ? undefined : { path: '/setup' }
  if (here === '/setup' && !reader) return { path: '/sign-in' }
  if (here === '/sign-in' && reader?.level === 'full') return { path: startPage(reader) }
  if (door === 'public') return undefined
  if (!reader) return { path: '/sign-in', ...(page.path !== '/' && { query: { to: page.path } }) }
  if (door === 'first_factor') return undefined
  if (reader.level !== 'full') return { path: '/sign-in', ...(page.path !== '/' && { query: { to: page.path } }) }
  return may(reader, page.needs) ? undefined : { path: startPage(reader) }
}

/** A return address out of the query: only a path of our own, never another site. */
export const safeReturn = (to: unknown): string | undefined =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && !/^\/(sign-in|setup|frozen)/.test(to) ? to : undefined
