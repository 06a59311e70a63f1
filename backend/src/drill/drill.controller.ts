import { Controller } from '@nestjs/common'
import { routes } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Serve, TheAccess } from '../gateway/serve.js'
import { DrillsService } from './drills.service.js'

@Controller()
export class DrillController {
  constructor(private readonly drills: DrillsService) {}

  @Serve(routes.drills)
  list(@TheAccess() access: Access) {
    return this.drills.list(access)
  }

  @Serve(routes.drillStart)
  start(@TheAccess() access: Access) {
    return this.drills.start(access)
  }
}
