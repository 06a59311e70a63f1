import { enterpriseSchema, userSchema } from './scim-user.js'

const off = { supported: false }

export const serviceProviderConfig = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { ...off, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: off,
  sort: off,
  etag: off,
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API token',
      description: 'A token of an administrator with the scope scim',
      primary: true,
    },
  ],
}

export const listOf = (resources: readonly unknown[], total = resources.length, startIndex = 1) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
})

export const resourceTypes = listOf([
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    schema: userSchema,
    schemaExtensions: [{ schema: enterpriseSchema, required: false }],
  },
])

const attribute = (name: string, description: string, more: Record<string, unknown> = {}) => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
})
const schemaOf = (id: string, name: string, attributes: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  attributes,
})

export const schemas = listOf([
  schemaOf(userSchema, 'User', [
    attribute('userName', 'what they sign in with', { required: true, uniqueness: 'server' }),
    attribute('externalId', 'what the sender calls them', { caseExact: true }),
    attribute('displayName', 'what colleagues read'),
    attribute('active', 'false: they have left, and are frozen at once', { type: 'boolean' }),
    attribute('roles', 'one role; any but admin', {
      type: 'complex',
      multiValued: true,
      subAttributes: [attribute('value', 'staff, manager, analyst, auditor …')],
    }),
    attribute(
      'phoneNumbers',
      'private ones, to know whose records are those of relatives; hashed, and never given back',
      {
        type: 'complex',
        multiValued: true,
        mutability: 'writeOnly',
        returned: 'never',
        subAttributes: [
          attribute('value', 'the number'),
          attribute('type', 'one of the house (work, fax, pager) is passed over'),
        ],
      },
    ),
    attribute('addresses', 'of the home, likewise', {
      type: 'complex',
      multiValued: true,
      mutability: 'writeOnly',
      returned: 'never',
      subAttributes: [
        attribute('formatted', 'the whole address'),
        attribute('type', 'one of the house (work) is passed over'),
      ],
    }),
  ]),
  schemaOf(enterpriseSchema, 'EnterpriseUser', [
    attribute('department', 'the team'),
    attribute('division', 'the branch, whose customers they see'),
  ]),
])
