import { Controller } from '@nestjs/common'
import { routes } from '@custodia/contracts'
import { Serve } from '../gateway/serve.js'
import { RulesService } from './rules.service.js'

@Controller()
export class RulesController {
  constructor(private readonly rules: RulesService) {}

  @Serve(routes.rules)
  async current() {
    const { version, effective_from, rules, problems } = await this.rules.current()
    return { version, effective_from, rules, problems }
  }
}
