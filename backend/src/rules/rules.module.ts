import { Module } from '@nestjs/common'
import { TimelinesModule } from '../timelines/timelines.module.js'
import { BacktestService } from './backtest.service.js'
import { Importer } from './importer.js'
import { RuleKeeper } from './keeper.js'
import { RuleListService } from './rule-list.service.js'
import { RuleWorkshop } from './rule-workshop.js'
import { RulesController } from './rules.controller.js'
import { RulesService } from './rules.service.js'
import { TrialsService } from './trials.service.js'
import { VersionsController } from './versions.controller.js'
import { VersionsService } from './versions.service.js'
import { WouldFreezeService } from './would-freeze.service.js'

/** What detection judges by: for people to read, and to change in the open, with a backtest and a second person. */
@Module({
  imports: [TimelinesModule],
  controllers: [RulesController, VersionsController],
  providers: [
    BacktestService,
    Importer,
    RuleKeeper,
    RuleListService,
    RuleWorkshop,
    RulesService,
    TrialsService,
    VersionsService,
    WouldFreezeService,
  ],
  exports: [RulesService],
})
export class RulesModule {}
