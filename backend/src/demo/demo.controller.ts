import { Controller } from '@nestjs/common'
import { routes } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Serve, TheAccess } from '../gateway/serve.js'
import { DemoService } from './demo.service.js'

@Controller()
export class DemoController {
  constructor(private readonly demo: DemoService) {}

  @Serve(routes.demoState)
  async state(@TheAccess() access: Access) {
    const state = await this.demo.state()
    await access.grant({ fields: ['demo'] })
    return state
  }

  @Serve(routes.demoInstall)
  install(@TheAccess() access: Access) {
    return this.demo.install(access)
  }

  @Serve(routes.demoRemove)
  remove(@TheAccess() access: Access) {
    return this.demo.remove(access)
  }
}
