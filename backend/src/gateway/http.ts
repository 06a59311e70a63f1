import type { DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { serveDocumentation } from '../admin/openapi-pages.js'
import { serveDashboard } from '../admin/static.js'
import { AppModule } from '../app.module.js'
import type { Config } from '../config.js'
import { createApplication } from './application.js'

export { megabyte } from './application.js'

/** The whole gateway as an application that does not listen yet; tests inject requests, main.ts listens. */
export async function createGateway(
  config: Config,
  rooms: DynamicModule = AppModule.for(config),
): Promise<NestFastifyApplication> {
  const app = await createApplication(rooms, config)
  serveDocumentation(app)
  serveDashboard(app)
  return app
}
