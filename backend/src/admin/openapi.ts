import { problems, routes, type ProblemCode, type RouteSpec } from '@custodia/contracts'
import { z } from 'zod'
import { sessionCookie } from '../identity/credential.js'
import { problemsOf } from './route-problems.js'

type Json = Record<string, unknown>
type Schema = Json & { properties?: Record<string, Json>; required?: string[] }

/** Inputs as they are sent (defaults may be left out), replies as they arrive. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  const made = { ...z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' }) } as Schema
  delete made['$schema'] // the document says it once for all
  return made
}

const parametersOf = (schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] => {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input')
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: rest,
  }))
}

/** What a schema of a body does not tell; forms of fields are told by theirs. */
const bodies: Record<string, Json> = {
  'application/x-ndjson': { type: 'string', description: 'one JSON object a line' },
  'multipart/form-data': {
    type: 'object',
    properties: { file: { type: 'string', format: 'binary' } },
    required: ['file'],
    additionalProperties: { type: 'string' },
  },
}

const requestOf = (route: RouteSpec): Json => {
  const { consumes = 'application/json', body } = route
  const schema = bodies[consumes] ?? (body && schemaOf(body, 'input'))
  return schema ? { requestBody: { required: true, content: { [consumes]: { schema } } } } : {}
}

const successOf = ({ reply, event }: RouteSpec): Json => {
  const headers = event
    ? {
        headers: { 'Custodia-Event-Id': { description: 'id of the event of this access', schema: { type: 'string' } } },
      }
    : {}
  if (!reply) return { 204: { description: 'Done', ...headers } }
  const content =
    typeof reply === 'string'
      ? { [reply]: { schema: reply.startsWith('text/') ? { type: 'string' } : {} } }
      : { 'application/json': { schema: schemaOf(reply, 'output') } }
  return { 200: { description: 'Done', ...headers, content } }
}

const refusalsOf = (route: RouteSpec): Json => {
  const byStatus = Map.groupBy(problemsOf(route), (code) => problems[code].status)
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemResponse(codes)]))
}

const problemResponse = (codes: ProblemCode[]): Json => ({
  description: codes.map((code) => `\`${code}\`: ${problems[code].say}`).join('\n\n'),
  content: {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
    },
  },
})

const security = {
  public: [],
  first_factor: [{ session: [] }],
  session: [{ session: [] }, { token: [] }],
  token: [{ token: [] }],
  ingest_token: [{ ingest: [] }],
}

const operationOf = (operationId: string, route: RouteSpec): Json => ({
  operationId,
  summary: route.summary,
  tags: [route.path.split('/')[1]],
  security: security[route.door],
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
  ...requestOf(route),
  responses: { ...successOf(route), ...refusalsOf(route) },
  'x-custodia-door': route.door,
  ...(route.needs ? { 'x-custodia-permission': route.needs } : {}),
  ...(route.scope ? { 'x-custodia-scope': route.scope } : {}),
  ...(route.event ? { 'x-custodia-event': route.event } : {}),
  ...(route.held ? { 'x-custodia-held': true } : {}),
  ...(route.stepUp ? { 'x-custodia-step-up': route.stepUp } : {}),
})

/** Where a route is in the document: `/customers/:id` → `/api/v1/customers/{id}`. */
export const pathOf = (route: RouteSpec): string => `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`

/** The OpenAPI 3.1 document, made from the table that the gateway serves and the dashboard's client is typed by. */
export function openApiDocument(table: Record<string, RouteSpec> = routes): Json {
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries(table))
    (paths[pathOf(route)] ??= {})[route.method.toLowerCase()] = operationOf(name, route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Custodia',
      version: '1',
      description:
        'Every protected route writes one access event, granted or refused, before its answer leaves; the answer carries its id. ' +
        'Errors are RFC 9457 problem details with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'set by signing in with a second factor',
        },
        token: { type: 'http', scheme: 'bearer', description: 'API token of a person, narrowed to its scopes' },
        ingest: { type: 'http', scheme: 'bearer', description: 'token of one outside source' },
      },
      schemas: { Problem: problemSchema },
    },
  }
}

const problemSchema: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', examples: ['urn:custodia:problem:not_allowed'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(problems) },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}
