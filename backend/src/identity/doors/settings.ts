import { readFileSync } from 'node:fs'
import { Role } from '@custodia/contracts'
import { isNoCertificate, type Environment } from '@custodia/streams/settings'

/** Which groups make which role, in the order they are tried; and whether coming makes an account. */
export interface DoorPolicy {
  roles: readonly (readonly [group: string, role: Role])[]
  create: boolean
}

export interface OidcSettings extends DoorPolicy {
  issuer: URL
  clientId: string
  clientSecret: string
  name: string
  usernameClaim: string
  groupsClaim: string
  trustedMfa: ReadonlySet<string>
  /** since the provider itself asked the person; undefined: not looked at */
  maxAgeSeconds: number | undefined
  /** how long what people have here goes on without the provider: sessions, API tokens */
  recheckMinutes: number
  tokenDays: number
}

export interface LdapSettings extends DoorPolicy {
  server: string
  ca: string | undefined
  bindDn: string
  bindPassword: string
  base: string
  filter: string
  idAttribute: string
  groups: string | undefined
  timeoutMs: number
  syncMinutes: number
}

const isLoopback = (host: string): boolean => /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(host)
/** Addresses of Microsoft that vouch for the people of every tenant: whoever opens one could come in. */
const isEverybodys = ({ hostname, pathname }: URL): boolean =>
  /(^|\.)(microsoftonline\.(com|us|cn|de)|windows\.net)$/.test(hostname) &&
  /^\/+(common|organizations|consumers)(\/|$)/i.test(pathname)
const rolesOf = (text: string): (readonly [string, Role])[] =>
  text
    .split(';')
    .filter(Boolean)
    .map((pair) => {
      const at = pair.lastIndexOf('=')
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim() as Role] as const
    })

interface Keys {
  CUSTODIA_OIDC_ISSUER?: string | undefined
  CUSTODIA_OIDC_CLIENT_ID?: string | undefined
  CUSTODIA_OIDC_CLIENT_SECRET?: string | undefined
  CUSTODIA_OIDC_NAME: string
  CUSTODIA_OIDC_USERNAME_CLAIM: string
  CUSTODIA_OIDC_GROUPS_CLAIM: string
  CUSTODIA_OIDC_ROLES: string
  CUSTODIA_OIDC_CREATE: string
  CUSTODIA_OIDC_TRUSTED_MFA: string
  CUSTODIA_OIDC_RECHECK_MINUTES: number
  CUSTODIA_OIDC_MAX_AGE_MINUTES?: number | undefined
  CUSTODIA_OIDC_TOKEN_DAYS: number
  CUSTODIA_LDAP_SERVER?: string | undefined
  CUSTODIA_LDAP_CA?: string | undefined
  CUSTODIA_LDAP_BIND_DN?: string | undefined
  CUSTODIA_LDAP_BIND_PASSWORD?: string | undefined
  CUSTODIA_LDAP_BASE?: string | undefined
  CUSTODIA_LDAP_FILTER: string
  CUSTODIA_LDAP_ID: string
  CUSTODIA_LDAP_GROUPS?: string | undefined
  CUSTODIA_LDAP_ROLES: string
  CUSTODIA_LDAP_CREATE: string
  CUSTODIA_LDAP_TIMEOUT_MS: number
  CUSTODIA_LDAP_SYNC_MINUTES: number
}

export const oidcSettings = (e: Keys): OidcSettings | undefined =>
  e.CUSTODIA_OIDC_ISSUER && e.CUSTODIA_OIDC_CLIENT_ID && e.CUSTODIA_OIDC_CLIENT_SECRET
    ? {
        issuer: new URL(e.CUSTODIA_OIDC_ISSUER),
        clientId: e.CUSTODIA_OIDC_CLIENT_ID,
        clientSecret: e.CUSTODIA_OIDC_CLIENT_SECRET,
        name: e.CUSTODIA_OIDC_NAME,
        usernameClaim: e.CUSTODIA_OIDC_USERNAME_CLAIM,
        groupsClaim: e.CUSTODIA_OIDC_GROUPS_CLAIM,
        roles: rolesOf(e.CUSTODIA_OIDC_ROLES),
        create: e.CUSTODIA_OIDC_CREATE === 'true',
        trustedMfa: new Set(e.CUSTODIA_OIDC_TRUSTED_MFA.split(',').flatMap((value) => value.trim() || [])),
        maxAgeSeconds: e.CUSTODIA_OIDC_MAX_AGE_MINUTES && e.CUSTODIA_OIDC_MAX_AGE_MINUTES * 60,
        recheckMinutes: e.CUSTODIA_OIDC_RECHECK_MINUTES,
        tokenDays: e.CUSTODIA_OIDC_TOKEN_DAYS,
      }
    : undefined

export const ldapSettings = (e: Keys): LdapSettings | undefined =>
  e.CUSTODIA_LDAP_SERVER && e.CUSTODIA_LDAP_BIND_DN && e.CUSTODIA_LDAP_BIND_PASSWORD && e.CUSTODIA_LDAP_BASE
    ? {
        server: e.CUSTODIA_LDAP_SERVER,
        ca: e.CUSTODIA_LDAP_CA && readFileSync(e.CUSTODIA_LDAP_CA, 'utf8'),
        bindDn: e.CUSTODIA_LDAP_BIND_DN,
        bindPassword: e.CUSTODIA_LDAP_BIND_PASSWORD,
        base: e.CUSTODIA_LDAP_BASE,
        filter: e.CUSTODIA_LDAP_FILTER,
        idAttribute: e.CUSTODIA_LDAP_ID,
        groups: e.CUSTODIA_LDAP_GROUPS,
        roles: rolesOf(e.CUSTODIA_LDAP_ROLES),
        create: e.CUSTODIA_LDAP_CREATE === 'true',
        timeoutMs: e.CUSTODIA_LDAP_TIMEOUT_MS,
        syncMinutes: e.CUSTODIA_LDAP_SYNC_MINUTES,
      }
    : undefined

/** What the shape of a key alone does not tell. */
export function doorProblems(env: Environment): string[] {
  const found: string[] = []
  const together = (names: string[], say: string) => {
    const set = names.filter((name) => env[name])
    if (set.length && set.length < names.length) found.push(`${say}: ${names.join(', ')} go together, set all or none`)
  }
  together(
    ['CUSTODIA_OIDC_ISSUER', 'CUSTODIA_OIDC_CLIENT_ID', 'CUSTODIA_OIDC_CLIENT_SECRET'],
    'Sign-in by OpenID Connect',
  )
  together(
    ['CUSTODIA_LDAP_SERVER', 'CUSTODIA_LDAP_BIND_DN', 'CUSTODIA_LDAP_BIND_PASSWORD', 'CUSTODIA_LDAP_BASE'],
    'Sign-in by a directory',
  )
  const issuer = URL.parse(env.CUSTODIA_OIDC_ISSUER ?? '')
  if (issuer && issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
    found.push('CUSTODIA_OIDC_ISSUER is not https: whoever is between could sign in as anybody')
  if (issuer && isEverybodys(issuer))
    found.push('CUSTODIA_OIDC_ISSUER vouches for the people of every tenant: name your own tenant instead')
  if (env.CUSTODIA_LDAP_CA && isNoCertificate(env.CUSTODIA_LDAP_CA)) found.push('CUSTODIA_LDAP_CA holds no certificate')
  for (const door of ['OIDC', 'LDAP']) {
    const roles = env[`CUSTODIA_${door}_ROLES`] ?? ''
    const unknown = rolesOf(roles).filter(([, role]) => !Role.safeParse(role).success)
    if (unknown.length) found.push(`CUSTODIA_${door}_ROLES names a role that is none of ${Role.options.join(', ')}`)
    if (env[`CUSTODIA_${door}_CREATE`] === 'true' && !roles)
      found.push(`CUSTODIA_${door}_CREATE needs CUSTODIA_${door}_ROLES: an account must have a role`)
  }
  if (env.CUSTODIA_LDAP_ROLES && !env.CUSTODIA_LDAP_GROUPS)
    found.push('CUSTODIA_LDAP_ROLES needs CUSTODIA_LDAP_GROUPS: where the groups are')
  const joiners = env.CUSTODIA_JOINERS_DOOR
  if (joiners === 'oidc' && !issuer) found.push('CUSTODIA_JOINERS_DOOR is oidc, and CUSTODIA_OIDC_ISSUER is not set')
  if (joiners === 'ldap' && !env.CUSTODIA_LDAP_SERVER)
    found.push('CUSTODIA_JOINERS_DOOR is ldap, and CUSTODIA_LDAP_SERVER is not set')
  return found
}
