import { Controller } from '@nestjs/common'
import { vaultRoutes, type Consent, type InputOf } from '@custodia/contracts'
import { Access } from '../../gateway/access.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { ConsentService } from './consent.service.js'

@Controller()
export class ConsentController {
  constructor(private readonly consents: ConsentService) {}

  @Serve(vaultRoutes.consentRecord)
  record(@TheAccess() access: Access, @Input() input: InputOf<typeof vaultRoutes.consentRecord>): Promise<Consent> {
    return this.consents.record(access, input.params.id, input.body)
  }

  @Serve(vaultRoutes.consentWithdraw)
  withdraw(@TheAccess() access: Access, @Input() input: InputOf<typeof vaultRoutes.consentWithdraw>): Promise<void> {
    return this.consents.withdraw(access, input.params.id)
  }
}
