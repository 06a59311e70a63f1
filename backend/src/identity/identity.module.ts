import { Global, Module } from '@nestjs/common'
import { AdmissionService } from './admission.service.js'
import { AttemptLocks } from './attempt-locks.js'
import { Attempts } from './attempts.service.js'
import { ChallengesService } from './challenges.service.js'
import { DeviceCookie } from './device-cookie.js'
import { EnrolmentService } from './enrolment.service.js'
import { FactorsService } from './factors.service.js'
import { FrozenService } from './frozen.service.js'
import { InvitationsService } from './invitations.service.js'
import { LiftRequestsService } from './lift-requests.service.js'
import { MeController } from './me.controller.js'
import { OwnSessionsController } from './own-sessions.controller.js'
import { OwnSessionsService } from './own-sessions.service.js'
import { PasskeysService } from './passkeys.service.js'
import { PasswordRules } from './password-rules.js'
import { Passwords } from './passwords.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { Restrictions } from './restrictions.service.js'
import { SessionsService } from './sessions.service.js'
import { SetupService } from './setup.service.js'
import { SignInController } from './sign-in.controller.js'
import { SignOutService } from './sign-out.service.js'
import { StepUpsService } from './step-ups.service.js'
import { InvitationStrategy } from './strategies/invitation.strategy.js'
import { PasskeyEnrolmentStrategy } from './strategies/passkey-enrolment.strategy.js'
import { PasskeyStrategy } from './strategies/passkey.strategy.js'
import { PasswordChangeStrategy } from './strategies/password-change.strategy.js'
import { PasswordStrategy } from './strategies/password.strategy.js'
import { RecoveryCodeStrategy } from './strategies/recovery-code.strategy.js'
import { SetupStrategy } from './strategies/setup.strategy.js'
import { TotpEnrolmentStrategy } from './strategies/totp-enrolment.strategy.js'
import { TotpStrategy } from './strategies/totp.strategy.js'
import { TotpService } from './totp.service.js'

const strategies = [
  InvitationStrategy,
  PasswordChangeStrategy,
  RecoveryCodeStrategy,
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
  controllers: [SignInController, MeController, OwnSessionsController],
  providers: [
    ...strategies,
    AdmissionService,
    AttemptLocks,
    Attempts,
    ChallengesService,
    DeviceCookie,
    EnrolmentService,
    FactorsService,
    FrozenService,
    InvitationsService,
    LiftRequestsService,
    OwnSessionsService,
    PasskeysService,
    PasswordRules,
    Passwords,
    RecoveryCodesService,
    Restrictions,
    SessionsService,
    SetupService,
    SignOutService,
    StepUpsService,
    TotpService,
  ],
  exports: [
    Attempts,
    DeviceCookie,
    FrozenService,
    InvitationsService,
    PasswordRules,
    Passwords,
    Restrictions,
    SessionsService,
    SetupService,
    TotpService,
  ],
})
export class IdentityModule {}
