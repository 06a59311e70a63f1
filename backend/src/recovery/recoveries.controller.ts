import { Controller } from '@nestjs/common'
import {
  recoveryRoutes as routes,
  type InputOf,
  type Invitation,
  type Recovery,
  type ReplyOf,
} from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { RecoveriesService } from './recoveries.service.js'

@Controller()
export class RecoveriesController {
  constructor(private readonly service: RecoveriesService) {}

  @Serve(routes.recoveries)
  list(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.recoveries>> {
    return this.service.list(access)
  }

  @Serve(routes.recoveryAsk)
  ask(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.recoveryAsk>): Promise<Recovery> {
    return this.service.ask(access, input.params.id, input.body.reason)
  }

  @Serve(routes.recoveryApprove)
  approve(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.recoveryApprove>): Promise<Recovery> {
    return this.service.approve(access, input.params.id, input.body.told)
  }

  @Serve(routes.recoveryFinish)
  finish(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.recoveryFinish>): Promise<Invitation> {
    return this.service.finish(access, input.params.id)
  }

  @Serve(routes.recoveryStop)
  stop(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.recoveryStop>): Promise<void> {
    return this.service.stop(access, input.params.id, input.body.reason)
  }

  @Serve(routes.myRecoveryCancel)
  cancelOwn(@TheAccess() access: Access): Promise<void> {
    return this.service.cancelOwn(access)
  }

  @Serve(routes.recoveryCancel)
  cancelByLink(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.recoveryCancel>): Promise<void> {
    return this.service.cancelByLink(access, input.body.token)
  }
}
