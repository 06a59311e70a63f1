import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { CONFIG, type Config } from '../config.js'
import { allowPage } from '../gateway/content-policy.js'
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import { openApiDocument } from './openapi.js'

/** The one rule that Swagger UI writes into the page it is drawn on; a new release with another turns content-policy.test.ts red. */
const styleOfSwagger = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"

/** The document at /api/docs-json, and a page to read it at /api/docs. Everything it needs comes from here: it calls nobody. */
export function serveDocumentation(app: NestFastifyApplication): void {
  const { origin } = app.get<Config>(CONFIG).http
  // The page that Nest writes has styles of its own in it.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, payload, done) => {
      if (!/^\/api\/docs(\/|\/index\.html)?(\?|$)/.test(request.url) || typeof payload !== 'string') return done()
      const nonce = allowPage(reply, origin, styleOfSwagger)
      done(
        null,
        payload.replaceAll('<style>', `<style nonce="${nonce}">`).replace(/(<svg [^>]*) style="[^"]*"/, '$1 hidden'),
      )
    })
  const document = openApiDocument() as unknown as OpenAPIObject
  SwaggerModule.setup('api/docs', app, document, {
    raw: ['json'],
    customSiteTitle: 'Custodia API',
    swaggerOptions: {
      validatorUrl: null,
      supportedSubmitMethods: ['get'],
      docExpansion: 'none',
      operationsSorter: 'alpha',
    },
  })
}
