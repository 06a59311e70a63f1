import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Metrics } from '../capture/metrics.js'
import type { Config } from '../config.js'
import { createLogger } from '../logger.js'
import { nestLogger } from '../nest-logger.js'
import { refuseDeepBodies } from './body-depth.js'
import { inertPolicy, permissionsPolicy } from './content-policy.js'
import { answersWith, answerTunnel, answerUnreadable, everyAnswer, isSocketUpgrade } from './every-answer.js'
import { measureRequests } from './measure.js'
import { redirectToOrigin } from './own-address.js'
import { ProblemError } from './problem.js'
import { readForms } from './read-forms.js'
import { scimType } from './scim-error.js'

export const megabyte = 1024 * 1024
/** Addresses of probes and scrapers: outside /api/v1. */
export const probes = ['healthz', 'readyz', 'metrics']

/** HTTP around rooms: what every answer has in common, whichever rooms these are. */
export async function createApplication(rooms: DynamicModule, config: Config): Promise<NestFastifyApplication> {
  const { tls, trustedProxies, origin } = config.http
  const secure = tls !== undefined || origin.startsWith('https:')
  const headers = everyAnswer(secure)
  const server = { ServerResponse: answersWith(headers), shouldUpgradeCallback: isSocketUpgrade(origin) }
  const adapter = new FastifyAdapter({
    ...(tls ? { https: { cert: readFileSync(tls.cert), key: readFileSync(tls.key), ...server } } : { http: server }),
    clientErrorHandler: answerUnreadable(headers),
    // A forwarded address counts only when it comes from a proxy that the operator named.
    trustProxy: trustedProxies.length ? trustedProxies : false,
    bodyLimit: megabyte,
    // Fastify takes Node's own limit away: whoever sends a byte a minute would hold a connection for as long as they like.
    requestTimeout: 300_000,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // An address that cannot even be decoded never reaches the filter.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = new ProblemError('not_found').toProblem(request.id)
      void reply.status(problem.status).headers(headers).type('application/problem+json').send(problem)
    },
  })
  const app = await NestFactory.create<NestFastifyApplication>(rooms, adapter, {
    logger: nestLogger(createLogger(config.logLevel, 'gateway')),
    abortOnError: false,
  })
  app.setGlobalPrefix('api/v1', { exclude: probes })
  const http = app.getHttpAdapter().getInstance()
  http.server.on('connect', answerTunnel(headers))
  measureRequests(http, app.get(Metrics))
  redirectToOrigin(http, origin)
  // Newline-delimited JSON is read as a stream by ingest itself: a bad line must not spoil the others.
  http.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload))
  http.addContentTypeParser(scimType, { parseAs: 'string' }, http.getDefaultJsonParser('error', 'error'))
  readForms(app)
  refuseDeepBodies(http)
  await app.register(cookie as never)
  await app.register(multipart as never, {
    limits: { fileSize: 20 * megabyte, files: 1, fields: 8, fieldSize: 4096, parts: 10 },
  })
  await app.register(helmet as never, {
    // A page has a policy of its own, which names what it needs.
    contentSecurityPolicy: { useDefaults: false, directives: inertPolicy },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: secure,
  })
  http.addHook('onRequest', (_request, reply, done) => {
    void reply.header('permissions-policy', permissionsPolicy)
    done()
  })
  return app
}
