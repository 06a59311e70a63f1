import { Controller, UseGuards } from '@nestjs/common'
import { recoveryRoutes as routes, type ReplyOf, type SealedCode, type SignInStep } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Serve, TheAccess } from '../gateway/serve.js'
import { AdmitBy, NextStep } from './admit.guard.js'
import { SealedCodeService } from './sealed-code.service.js'
import { SealedCodeStrategy } from './strategies/sealed-code.strategy.js'

@Controller()
export class SealedCodeController {
  constructor(private readonly sealedCode: SealedCodeService) {}

  @Serve(routes.sealedCode)
  state(@TheAccess() access: Access): Promise<SealedCode> {
    return this.sealedCode.state(access)
  }

  @Serve(routes.sealedCodeIssue)
  issue(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.sealedCodeIssue>> {
    return this.sealedCode.issue(access)
  }

  @Serve(routes.signInSealedCode)
  @UseGuards(AdmitBy(SealedCodeStrategy))
  signIn(@NextStep() step: SignInStep): SignInStep {
    return step
  }
}
