import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Gone, Input, Serve, TheAccess } from '../gateway/serve.js'
import { Guard } from '../response/guard.js'
import { BacktestService } from './backtest.service.js'
import { RulesService } from './rules.service.js'
import { WouldFreezeService } from './would-freeze.service.js'

@Controller()
export class RulesController {
  constructor(
    private readonly rules: RulesService,
    private readonly backtests: BacktestService,
    private readonly wouldFreezeService: WouldFreezeService,
    private readonly guard: Guard,
  ) {}

  @Serve(routes.rules)
  async current(@TheAccess() access: Access) {
    const { version, effective_from, rules, problems } = await this.rules.current()
    const trips = await this.guard.trips()
    await access.grant({ fields: ['rules'], count: rules.length })
    const tripped = trips.map(({ rule, reason, until }) => ({ rule, reason, until: until.toISOString() }))
    return { version, effective_from, rules, problems, tripped }
  }

  @Serve(routes.ruleBacktest)
  async backtest(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof routes.ruleBacktest>,
    @Gone() gone: AbortSignal,
  ) {
    access.about({ fields: ['backtest'], record_id: body.rule })
    const told = await this.backtests.run(body, gone)
    await access.grant({ fields: ['backtest'], record_id: told.rule, count: told.alerts })
    return told
  }

  @Serve(routes.ruleWouldFreeze)
  async wouldFreeze(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.ruleWouldFreeze>) {
    const page = await this.wouldFreezeService.of(params.id)
    await access.grant({ fields: ['would_freeze'], record_id: params.id, count: page.items.length })
    return page
  }
}
