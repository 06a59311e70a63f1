import { Controller } from '@nestjs/common'
import { powerRoutes as routes, type InputOf, type Person, type PowerChange, type ReplyOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { DecidersService } from './deciders.service.js'
import { PowerService } from './power.service.js'

@Controller()
export class PowerController {
  constructor(
    private readonly power: PowerService,
    private readonly deciders: DecidersService,
  ) {}

  @Serve(routes.powerChanges)
  list(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.powerChanges>> {
    return this.power.list(access)
  }

  @Serve(routes.powerConfirm)
  confirm(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.powerConfirm>): Promise<PowerChange> {
    return this.power.confirm(access, input.params.id)
  }

  @Serve(routes.deciderConfirm)
  confirmDecider(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.deciderConfirm>): Promise<Person> {
    return this.deciders.confirm(access, input)
  }

  @Serve(routes.powerStop)
  stop(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.powerStop>): Promise<void> {
    return this.power.stop(access, input.params.id, input.body.reason)
  }

  @Serve(routes.administratorPropose)
  propose(
    @TheAccess() access: Access,
    @Input() input: InputOf<typeof routes.administratorPropose>,
  ): Promise<PowerChange> {
    return this.power.proposeAdministrator(access, input.params.id, input.body.reason)
  }
}
