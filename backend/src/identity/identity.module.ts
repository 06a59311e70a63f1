import { Global, Module } from '@nestjs/common'
import { AdmissionService } from './admission.service.js'
import { ChallengesService } from './challenges.service.js'
import { EnrolmentService } from './enrolment.service.js'
import { FactorsService } from './factors.service.js'
import { FrozenService } from './frozen.service.js'
import { LiftRequestsService } from './lift-requests.service.js'
import { MeController } from './me.controller.js'
import { PasskeysService } from './passkeys.service.js'
import { Passwords } from './passwords.js'
import { Restrictions } from './restrictions.service.js'
import { SessionsService } from './sessions.service.js'
import { SetupService } from './setup.service.js'
import { SignInController } from './sign-in.controller.js'
import { SignOutService } from './sign-out.service.js'
import { StepUpsService } from './step-ups.service.js'
import { PasskeyEnrolmentStrategy } from './strategies/passkey-enrolment.strategy.js'
import { PasskeyStrategy } from './strategies/passkey.strategy.js'
import { PasswordStrategy } from './strategies/password.strategy.js'
import { SetupStrategy } from './strategies/setup.strategy.js'
import { TotpEnrolmentStrategy } from './strategies/totp-enrolment.strategy.js'
import { TotpStrategy } from './strategies/totp.strategy.js'
import { Throttle } from './throttle.js'
import { TotpService } from './totp.service.js'

const strategies = [
  SetupStrategy,
  PasswordStrategy,
  TotpStrategy,
  PasskeyStrategy,
  TotpEnrolmentStrategy,
  PasskeyEnrolmentStrategy,
]

/** Who is who. Strategies decide, the admission opens sessions, the door asks for them. */
@Global()
@Module({
  controllers: [SignInController, MeController],
  providers: [
    ...strategies,
    AdmissionService,
    ChallengesService,
    EnrolmentService,
    FactorsService,
    FrozenService,
    LiftRequestsService,
    PasskeysService,
    Passwords,
    Restrictions,
    SessionsService,
    SetupService,
    SignOutService,
    StepUpsService,
    { provide: Throttle, useFactory: () => new Throttle() },
    TotpService,
  ],
  exports: [FrozenService, Passwords, Restrictions, SessionsService, SetupService, TotpService],
})
export class IdentityModule {}
