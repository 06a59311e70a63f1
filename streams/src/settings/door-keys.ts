import { z } from 'zod'

const optional = z.string().min(1).optional()
const roles = z
  .string()
  .regex(/^$|^[^=;]+=[a-z]+(;[^=;]+=[a-z]+)*$/, 'not group=role, by semicolons')
  .default('')
const yesOrNo = z.enum(['true', 'false']).default('false')

/** Where people sign in who have no password here: an OpenID provider, a directory. */
export const doorKeys = {
  CUSTODIA_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('OpenID provider whose people may sign in; https, as its discovery document says it'),
  CUSTODIA_OIDC_CLIENT_ID: optional.describe('what this installation is called there'),
  CUSTODIA_OIDC_CLIENT_SECRET: optional.meta({ description: 'and its secret there', secret: true }),
  CUSTODIA_OIDC_NAME: z.string().min(1).max(40).default('OpenID').describe('what the button on the sign-in page says'),
  CUSTODIA_OIDC_USERNAME_CLAIM: z
    .string()
    .min(1)
    .default('preferred_username')
    .describe('claim that is the user name of an account here, at its first sign-in'),
  CUSTODIA_OIDC_GROUPS_CLAIM: z.string().min(1).default('groups').describe('claim that lists groups or roles'),
  CUSTODIA_OIDC_ROLES: roles.describe(
    'role by group, group=role by semicolons, the first that fits; then the role follows the groups at each sign-in',
  ),
  CUSTODIA_OIDC_CREATE: yesOrNo.describe('whether whoever has a role by CUSTODIA_OIDC_ROLES gets an account by coming'),
  CUSTODIA_OIDC_TRUSTED_MFA: z
    .string()
    .default('')
    .describe('values of amr or acr, by commas, that count as our second factor; empty: ours is always asked for'),
  CUSTODIA_OIDC_RECHECK_MINUTES: z.coerce
    .number()
    .int()
    .min(5)
    .max(10_080)
    .default(240)
    .describe('minutes after which a session ends unless its person comes by the provider again'),
  CUSTODIA_OIDC_MAX_AGE_MINUTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_080)
    .optional()
    .describe(
      'minutes since the provider itself asked the person, at the most: it asks again beyond (max_age); none: not looked at',
    ),
  CUSTODIA_OIDC_TOKEN_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('days for which API tokens of its people work after they last came by the provider'),
  CUSTODIA_LDAP_SERVER: z
    .string()
    .regex(/^ldaps?:\/\/[^\s/@]+$/i, 'not ldaps://host or ldap://host')
    .optional()
    .describe('directory whose people may sign in: ldaps://host, or ldap://host, which is always made TLS by StartTLS'),
  CUSTODIA_LDAP_CA: optional.meta({ description: 'PEM file of the CA that vouches for it', names: 'file' }),
  CUSTODIA_LDAP_BIND_DN: optional.describe('who searches there'),
  CUSTODIA_LDAP_BIND_PASSWORD: optional.meta({ description: 'and their password', secret: true }),
  CUSTODIA_LDAP_BASE: optional.describe('below which people are, e.g. ou=people,dc=example,dc=com'),
  CUSTODIA_LDAP_FILTER: z
    .string()
    .regex(/^\(.*\{name\}.*\)$/, 'not a filter in brackets with {name} in it')
    .default('(uid={name})')
    .describe('finds a person by what they typed; Active Directory: (sAMAccountName={name})'),
  CUSTODIA_LDAP_ID: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, 'not the name of an attribute')
    .default('entryUUID')
    .describe('attribute that never changes and is never given again; Active Directory: objectGUID'),
  CUSTODIA_LDAP_GROUPS: optional.describe('below which groups are; they may be in one another'),
  CUSTODIA_LDAP_ROLES: roles.describe(
    'role by cn of a group, cn=role by semicolons, the first that fits; then the role follows the groups at each sign-in',
  ),
  CUSTODIA_LDAP_CREATE: yesOrNo.describe('whether whoever has a role by CUSTODIA_LDAP_ROLES gets an account by coming'),
  CUSTODIA_LDAP_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(5000)
    .describe('how long a silent directory is waited for'),
  CUSTODIA_LDAP_SYNC_MINUTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(15)
    .describe(
      'how often people who are gone or disabled there, or in no group with a role, are looked for, and frozen; 0: never',
    ),
}
