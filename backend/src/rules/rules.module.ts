import { Module } from '@nestjs/common'
import { RulesController } from './rules.controller.js'
import { RulesService } from './rules.service.js'

/** What detection judges by, for people to read. */
@Module({ controllers: [RulesController], providers: [RulesService], exports: [RulesService] })
export class RulesModule {}
