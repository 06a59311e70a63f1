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
import { measureRequests } from './measure.js'
import { redirectToOrigin } from './own-address.js'
import { ProblemError } from './problem.js'

export const megabyte = 1024 * 1024
/** Addresses of probes and scrapers: outside /api/v1. */
export const probes = ['healthz', 'readyz', 'metrics']

/** HTTP around rooms: what every answer has in common, whichever rooms these are. */
export async function createApplication(rooms: DynamicModule, config: Config): Promise<NestFastifyApplication> {
  const { tls, trustedProxies, origin } = config.http
  const adapter = new FastifyAdapter({
    ...(tls ? { https: { cert: readFileSync(tls.cert), key: readFileSync(tls.key) } } : {}),
    // A forwarded address counts only when it comes from a proxy that the operator named.
    trustProxy: trustedProxies.length ? trustedProxies : false,
    bodyLimit: megabyte,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // An address that cannot even be decoded never reaches the filter.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = new ProblemError('not_found').toProblem(request.id)
      void reply.status(problem.status).type('application/problem+json').send(problem)
    },
  })
  const app = await NestFactory.create<NestFastifyApplication>(rooms, adapter, {
    logger: nestLogger(createLogger(config.logLevel, 'gateway')),
    abortOnError: false,
  })
  app.setGlobalPrefix('api/v1', { exclude: probes })
  const http = app.getHttpAdapter().getInstance()
  measureRequests(http, app.get(Metrics))
  redirectToOrigin(http, origin)
  // Newline-delimited JSON is read as a stream by ingest itself: a bad line must not spoil the others.
  http.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload))
  await app.register(cookie as never)
  await app.register(multipart as never, {
    limits: { fileSize: 20 * megabyte, files: 1, fields: 8, fieldSize: 4096, parts: 10 },
  })
  await app.register(helmet as never, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        // The component library writes its styles into the page; scripts have no such exception.
        styleSrc: ["'self'", "'unsafe-inline'"],
        connectSrc: ["'self'", origin.replace(/^http/, 'ws')],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: tls !== undefined || origin.startsWith('https:'),
  })
  return app
}
