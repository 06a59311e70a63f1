import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import { openApiDocument } from './openapi.js'

/** The document at /api/docs-json, and a page to read it at /api/docs. Everything it needs comes from here: it calls nobody. */
export function serveDocumentation(app: NestFastifyApplication): void {
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
