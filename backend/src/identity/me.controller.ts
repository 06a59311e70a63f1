import { Controller, UseGuards } from '@nestjs/common'
import { meRoutes as routes, type InputOf, type Me, type ReplyOf, type SignInStep } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { AdmitBy, NextStep } from './admit.guard.js'
import { EnrolmentService } from './enrolment.service.js'
import { FactorsService } from './factors.service.js'
import { PasskeyEnrolmentStrategy } from './strategies/passkey-enrolment.strategy.js'
import { PasswordChangeStrategy } from './strategies/password-change.strategy.js'
import { TotpEnrolmentStrategy } from './strategies/totp-enrolment.strategy.js'

@Controller()
export class MeController {
  constructor(
    private readonly factorsService: FactorsService,
    private readonly enrolment: EnrolmentService,
  ) {}

  @Serve(routes.me)
  me(@TheAccess() access: Access): Promise<Me> {
    return this.factorsService.me(access.who)
  }

  @Serve(routes.factors)
  factors(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.factors>> {
    return this.factorsService.list(access.who.id)
  }

  @Serve(routes.totpBegin)
  totpBegin(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.totpBegin>> {
    return this.enrolment.beginTotp(access)
  }

  @Serve(routes.totpConfirm)
  @UseGuards(AdmitBy(TotpEnrolmentStrategy))
  totpConfirm(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.totpRemove)
  totpRemove(@TheAccess() access: Access): Promise<void> {
    return this.enrolment.removeTotp(access)
  }

  @Serve(routes.recoveryCodesIssue)
  recoveryCodesIssue(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.recoveryCodesIssue>> {
    return this.enrolment.issueRecoveryCodes(access)
  }

  @Serve(routes.passwordChange)
  @UseGuards(AdmitBy(PasswordChangeStrategy))
  passwordChange(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.passkeyBegin)
  passkeyBegin(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.passkeyBegin>> {
    return this.enrolment.beginPasskey(access)
  }

  @Serve(routes.passkeyAdd)
  @UseGuards(AdmitBy(PasskeyEnrolmentStrategy))
  passkeyAdd(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.passkeyRename)
  passkeyRename(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.passkeyRename>): Promise<void> {
    return this.enrolment.renamePasskey(access, input.params.id, input.body.name)
  }

  @Serve(routes.passkeyRemove)
  passkeyRemove(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.passkeyRemove>): Promise<void> {
    return this.enrolment.removePasskey(access, input.params.id)
  }
}
