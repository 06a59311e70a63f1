import { Controller } from '@nestjs/common'
import { meRoutes as routes, type InputOf, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { OwnSessionsService } from './own-sessions.service.js'

@Controller()
export class OwnSessionsController {
  constructor(private readonly sessions: OwnSessionsService) {}

  @Serve(routes.mySessions)
  list(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.mySessions>> {
    return this.sessions.list(access)
  }

  @Serve(routes.mySessionEnd)
  endOne(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.mySessionEnd>): Promise<void> {
    return this.sessions.endOne(access, params.id)
  }

  @Serve(routes.mySessionsEnd)
  endOthers(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.mySessionsEnd>> {
    return this.sessions.endOthers(access)
  }
}
