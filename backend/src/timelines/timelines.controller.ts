import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { TimelinesService } from './timelines.service.js'

@Controller()
export class TimelinesController {
  constructor(private readonly timelines: TimelinesService) {}

  @Serve(routes.events)
  search(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.events>) {
    return this.timelines.search(access, input)
  }

  @Serve(routes.personTimeline)
  person(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.personTimeline>) {
    return this.timelines.person(access, input)
  }
}
