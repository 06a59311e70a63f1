import { Module } from '@nestjs/common'
import { RulesController } from './rules.controller.js'
import { RulesService } from './rules.service.js'
import { WouldFreezeService } from './would-freeze.service.js'

/** What detection judges by, for people to read. */
@Module({ controllers: [RulesController], providers: [RulesService, WouldFreezeService], exports: [RulesService] })
export class RulesModule {}
