import { Controller, Headers, Req } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { FastifyRequest } from 'fastify'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { IngestService } from './ingest.service.js'
import { IngestTokensService } from './tokens.service.js'

@Controller()
export class IngestController {
  constructor(
    private readonly ingest: IngestService,
    private readonly tokens: IngestTokensService,
  ) {}

  @Serve(routes.ingestEvents)
  async events(@Req() request: FastifyRequest, @Headers('authorization') authorization?: string) {
    const source = await this.tokens.sourceOf(authorization)
    if (!request.headers['content-type']?.startsWith('application/x-ndjson'))
      throw new ProblemError('unsupported_media_type')
    return this.ingest.ingest(source, request.body as AsyncIterable<Uint8Array>)
  }

  @Serve(routes.ingestTokens)
  list(@TheAccess() access: Access) {
    return this.tokens.list(access)
  }

  @Serve(routes.ingestTokenCreate)
  create(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.ingestTokenCreate>) {
    return this.tokens.create(access, input)
  }

  @Serve(routes.ingestTokenRevoke)
  revoke(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.ingestTokenRevoke>) {
    return this.tokens.revoke(access, params.id)
  }
}
