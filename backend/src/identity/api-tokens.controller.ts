import { Controller } from '@nestjs/common'
import { tokenRoutes as routes, type InputOf, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { ApiTokensService } from './api-tokens.service.js'

@Controller()
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  @Serve(routes.myTokens)
  mine(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.myTokens>> {
    return this.tokens.mine(access)
  }

  @Serve(routes.myTokenCreate)
  create(
    @TheAccess() access: Access,
    @Input() input: InputOf<typeof routes.myTokenCreate>,
  ): Promise<ReplyOf<typeof routes.myTokenCreate>> {
    return this.tokens.create(access, input)
  }

  @Serve(routes.myTokenRevoke)
  revokeMine(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.myTokenRevoke>): Promise<void> {
    return this.tokens.revoke(access, params.id, access.who)
  }

  @Serve(routes.tokens)
  all(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.tokens>> {
    return this.tokens.all(access)
  }

  @Serve(routes.tokenRevoke)
  revoke(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.tokenRevoke>): Promise<void> {
    return this.tokens.revoke(access, params.id)
  }
}
