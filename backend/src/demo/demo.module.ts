import { Module } from '@nestjs/common'
import { IdentityModule } from '../identity/identity.module.js'
import { VaultModule } from '../vault/vault.module.js'
import { DemoAccounts } from './demo-accounts.js'
import { DemoController } from './demo.controller.js'
import { DemoService } from './demo.service.js'
import { DemoProgressStore } from './progress.js'
import { SupervisorChannel } from './supervisor-channel.js'

/** Demo data on request; the loading and the playing are a process of their own (main.ts). */
@Module({
  imports: [IdentityModule, VaultModule],
  controllers: [DemoController],
  providers: [DemoService, DemoAccounts, DemoProgressStore, SupervisorChannel],
})
export class DemoModule {}
