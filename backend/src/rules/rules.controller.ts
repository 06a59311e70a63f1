import { Controller } from '@nestjs/common'
import { routes } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Serve, TheAccess } from '../gateway/serve.js'
import { RulesService } from './rules.service.js'

@Controller()
export class RulesController {
  constructor(private readonly rules: RulesService) {}

  @Serve(routes.rules)
  async current(@TheAccess() access: Access) {
    const { version, effective_from, rules, problems } = await this.rules.current()
    await access.grant({ fields: ['rules'], count: rules.length })
    return { version, effective_from, rules, problems }
  }
}
