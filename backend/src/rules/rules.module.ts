import { Module } from '@nestjs/common'
import { BacktestService } from './backtest.service.js'
import { RulesController } from './rules.controller.js'
import { RulesService } from './rules.service.js'
import { WouldFreezeService } from './would-freeze.service.js'

/** What detection judges by, for people to read. */
@Module({
  controllers: [RulesController],
  providers: [RulesService, BacktestService, WouldFreezeService],
  exports: [RulesService],
})
export class RulesModule {}
