import { ofPerson, type Calls } from './asked.js'

/** One valid request for every route of SCIM: by a program, with somebody's token. */
export const scimCalls: Pick<Calls, Extract<keyof Calls, `scim${string}`>> = {
  scimUsers: (world) => world.scim(),
  scimUser: async (world) => ({ ...(await world.scim()), ...ofPerson(await world.bystander()) }),
  scimUserCreate: async (world) => ({
    ...(await world.scim()),
    body: { userName: `joins-${world.role}` },
    status: 201,
    made: ({ id }) => ({ subject: String(id) }),
  }),
  scimUserReplace: async (world) => ({
    ...(await world.scim()),
    ...ofPerson(await world.bystander()),
    body: { userName: `renamed-${world.role}` },
  }),
  scimUserPatch: async (world) => ({
    ...(await world.scim()),
    ...ofPerson(await world.bystander()),
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active: false } }],
    },
  }),
  scimUserDelete: async (world) => ({ ...(await world.scim()), ...ofPerson(await world.bystander()) }),
  scimConfig: (world) => world.scim(),
  scimResourceTypes: (world) => world.scim(),
  scimSchemas: (world) => world.scim(),
}
