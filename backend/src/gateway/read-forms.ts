import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { routes, type RouteSpec } from '@custodia/contracts'
import { ProblemError } from './problem.js'

const form = 'application/x-www-form-urlencoded'
const taking = new Set(
  (Object.values(routes) as RouteSpec[]).flatMap(({ consumes, path }) => (consumes === form ? `/api/v1${path}` : [])),
)

/** Forms are what a page of any site sends without asking: only the routes that say so read them, in place of Nest, which reads all. */
export function readForms(app: NestFastifyApplication): void {
  app.useBodyParser(form, {}, (request, body: Buffer, done) => {
    if (!taking.has(request.url)) return done(new ProblemError('unsupported_media_type'))
    done(null, Object.fromEntries(new URLSearchParams(body.toString())))
  })
}
