import { Module } from '@nestjs/common'
import { PowerModule } from '../power/power.module.js'
import { PolicyController } from './policy.controller.js'
import { PolicyService } from './policy.service.js'

/** The table of who may do what, for those who read it and those who answer for it. */
@Module({ imports: [PowerModule], controllers: [PolicyController], providers: [PolicyService] })
export class PolicyModule {}
