import { Role, Username } from '@custodia/contracts'
import { patchBodyValidation, scimPatch, type ScimPatch, type ScimPatchOperation } from 'scim-patch'
import { z } from 'zod'
import { ProblemError } from '../gateway/problem.js'
import { validate } from '../gateway/serve.js'
import type { Account } from '../identity/account.js'
import type { JoinerTraits } from './movers.service.js'

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** Entra ID sends words for booleans; anything else is refused: `"false"` must never count as true. */
const Flag = z.preprocess(
  (given) => (typeof given === 'string' ? ({ true: true, false: false }[given.toLowerCase()] ?? given) : given),
  z.boolean(),
)
const word = z.string().trim().max(64)

const line = z.string().max(500).nullish()
const Address = z.object({
  formatted: line,
  region: line,
  locality: line,
  streetAddress: line,
  type: z.string().nullish(),
})
/** A number or an address of the house is everybody's, and tells of nobody's relatives. */
const ofTheHouse = new Set(['work', 'fax', 'pager'])
const isPrivate = ({ type }: { type?: string | null }): boolean => !ofTheHouse.has(type?.toLowerCase() ?? '')

/** What counts of a SCIM user. Other attributes are taken and not kept. */
const ScimUser = z.object({
  userName: Username,
  externalId: z.string().trim().min(1).max(200).nullish(),
  displayName: word.nullish(),
  name: z.object({ formatted: word, givenName: word, familyName: word }).partial().nullish(),
  active: Flag.optional(),
  roles: z.array(z.object({ value: z.string() })).nullish(),
  phoneNumbers: z.array(z.object({ value: z.string().max(100), type: z.string().nullish() })).nullish(),
  addresses: z.array(Address).nullish(),
  [enterpriseSchema]: z.object({ department: word.nullish(), division: word.nullish() }).nullish(),
})

export interface WantedPerson {
  /** undefined: as it is */
  active: boolean | undefined
  username: string
  displayName: string
  externalId: string | undefined
  role: Role | undefined
  team: string | undefined
  branch: string | undefined
  /** hashed on entry and never given back */
  traits: JoinerTraits
}

/** Reads a resource; what is wrong with it is said by path. Nobody is made an administrator from outside. */
export function readUser(given: unknown): WantedPerson {
  const user = validate(ScimUser, given, 'body')
  const extension = user[enterpriseSchema]
  const { formatted, givenName, familyName } = user.name ?? {}
  const role = user.roles?.[0] ? Role.exclude(['admin']).safeParse(user.roles[0].value.toLowerCase()) : undefined
  if (role && !role.success)
    throw new ProblemError('invalid_input', {
      errors: [{ path: 'body.roles', message: 'is no role that can be given' }],
    })
  const spoken = [givenName, familyName].filter(Boolean).join(' ')
  return {
    active: user.active,
    username: user.userName,
    displayName: user.displayName || formatted || spoken || user.userName,
    externalId: user.externalId ?? undefined,
    role: role?.data,
    team: extension?.department ?? undefined,
    branch: extension?.division ?? undefined,
    traits: {
      phones: user.phoneNumbers?.filter(isPrivate).map(({ value }) => value),
      addresses: user.addresses
        ?.filter(isPrivate)
        .map(
          ({ formatted, region, locality, streetAddress }) =>
            formatted || `${region ?? ''}${locality ?? ''}${streetAddress ?? ''}`,
        ),
    },
  }
}

export const asResource = (account: Account, base: string) => ({
  schemas: [userSchema, enterpriseSchema],
  id: account.id,
  externalId: account.externalId ?? undefined,
  userName: account.username,
  displayName: account.displayName,
  active: account.status === 'active',
  roles: [{ value: account.role, primary: true }],
  [enterpriseSchema]: { department: account.team, division: account.branch },
  meta: {
    resourceType: 'User',
    created: account.createdAt.toISOString(),
    location: `${base}/Users/${account.id}`,
  },
})

/**
 * Every path that is kept, spelled as the patching library finds it. Nothing else reaches it: it walks any path it is given,
 * `name.__proto__.x` among them.
 */
const kept = [
  ...['userName', 'externalId', 'displayName', 'active'],
  ...['formatted', 'givenName', 'familyName'].map((part) => `name.${part}`),
  ...['department', 'division'].map((part) => `${enterpriseSchema}:${part}`),
]
const keptPath = (path: string): string | undefined => {
  const plain = path.replace(`${userSchema}:`, '').replace(`${enterpriseSchema}.`, `${enterpriseSchema}:`)
  return kept.find((each) => each.toLowerCase() === plain.toLowerCase())
}
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Paths and values one by one, however they were packed: no path at all, dotted keys, objects for complex attributes. */
const unpacked = (path: string | undefined, value: unknown): [string, unknown][] => {
  if (path && !/^(name|urn:[^ ]*:User)$/i.test(path)) return [[path, value]]
  if (!isObject(value)) return []
  const below = !path || path === userSchema ? '' : path === enterpriseSchema ? `${path}:` : `${path}.`
  return Object.entries(value).flatMap(([key, given]) => unpacked(below + key, given))
}

/** One attribute an operation, as RFC 7644 and Okta and Entra ID in their own ways have it; what we do not keep is left out. */
function operationsOf(body: ScimPatch): ScimPatchOperation[] {
  return body.Operations.flatMap((operation): ScimPatchOperation[] => {
    const { path, value } = operation as { path?: string; value?: unknown }
    const op = operation.op.toLowerCase() as 'add' | 'remove' | 'replace'
    if (op === 'remove') {
      const removed = keptPath(path ?? '')
      return removed ? [{ op, path: removed }] : []
    }
    return unpacked(path, value).flatMap(([name, given]): ScimPatchOperation[] => {
      // A person has one role here, however the sender's filter counts them.
      if (/^roles(?=$|[.[])/i.test(name))
        return [{ op: 'replace', path: 'roles', value: Array.isArray(given) ? given : [{ value: given }] }]
      const many = /^(phoneNumbers|addresses)(?=$|[.[])/i.exec(name)?.[1]
      if (many) return wholeList(many, op, name, given)
      const spelled = keptPath(name)
      return spelled ? [{ op, path: spelled, value: given }] : []
    })
  })
}

/**
 * What is hashed cannot be changed in part: the list that is given takes the place of the one before. Entra ID names one of them
 * by its type, `phoneNumbers[type eq "mobile"].value`: then this one is the list.
 */
function wholeList(many: string, op: 'add' | 'replace', name: string, given: unknown): ScimPatchOperation[] {
  const path = many.toLowerCase() === 'addresses' ? 'addresses' : 'phoneNumbers'
  if (Array.isArray(given)) return [{ op: 'replace', path, value: given }]
  const type = /\[type eq "(\w+)"\]/i.exec(name)?.[1]
  const part = /\]\.(\w+)$/.exec(name)?.[1]
  if (!type || !part || typeof given !== 'string') return []
  return [{ op, path, value: [{ type, [part]: given }] }]
}

/** What a PATCH makes of a person. */
export function patched(account: Account, body: unknown): WantedPerson {
  const before = asResource(account, '')
  const meta = { created: account.createdAt, lastModified: account.createdAt }
  try {
    patchBodyValidation(body as ScimPatch)
    // roles and names are read from the answer only where the sender spoke of them
    return readUser({
      ...scimPatch(
        { ...before, roles: undefined, phoneNumbers: undefined, addresses: undefined, meta },
        operationsOf(body as ScimPatch),
      ),
    })
  } catch (error) {
    if (error instanceof ProblemError) throw error
    const detail = error instanceof Error ? error.message : 'The operations cannot be carried out.'
    throw new ProblemError('invalid_input', { scim_type: 'invalidPath', detail }, { cause: error })
  }
}
