import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { BaselinesService } from './baselines.service.js'

@Controller()
export class BaselinesController {
  constructor(private readonly baselines: BaselinesService) {}

  @Serve(routes.personUsual)
  person(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personUsual>) {
    return this.baselines.ofPerson(access, input)
  }
}
