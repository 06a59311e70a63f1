import { Global, Module } from '@nestjs/common'
import { Foresight } from '../approvals/foresight.service.js'
import { FreeExports } from '../approvals/free-exports.service.js'
import { Spending } from '../approvals/spending.service.js'
import { Policies } from '../gateway/policies.js'
import { GivenRights } from '../power/given-rights.js'
import { Administrators } from './administrators.js'
import { AdmissionService } from './admission.service.js'
import { ApiTokensController } from './api-tokens.controller.js'
import { ApiTokensService } from './api-tokens.service.js'
import { AttemptLocks } from './attempt-locks.js'
import { Attempts } from './attempts.service.js'
import { ChallengesService } from './challenges.service.js'
import { DeviceCookie } from './device-cookie.js'
import { Directory } from './doors/directory.js'
import { OidcService } from './doors/oidc.service.js'
import { OutsidePeople } from './doors/outside-people.js'
import { ProviderLogoutService } from './doors/provider-logout.service.js'
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
import { SealedCodeController } from './sealed-code.controller.js'
import { SealedCodeService } from './sealed-code.service.js'
import { SecondPersons } from './second-persons.js'
import { SessionsService } from './sessions.service.js'
import { SetupService } from './setup.service.js'
import { SignInController } from './sign-in.controller.js'
import { SignOutService } from './sign-out.service.js'
import { StepUpsService } from './step-ups.service.js'
import { InvitationStrategy } from './strategies/invitation.strategy.js'
import { OidcStrategy } from './strategies/oidc.strategy.js'
import { PasskeyEnrolmentStrategy } from './strategies/passkey-enrolment.strategy.js'
import { PasskeyStrategy } from './strategies/passkey.strategy.js'
import { PasswordChangeStrategy } from './strategies/password-change.strategy.js'
import { PasswordStrategy } from './strategies/password.strategy.js'
import { RecoveryCodeStrategy } from './strategies/recovery-code.strategy.js'
import { SealedCodeStrategy } from './strategies/sealed-code.strategy.js'
import { SetupStrategy } from './strategies/setup.strategy.js'
import { TotpEnrolmentStrategy } from './strategies/totp-enrolment.strategy.js'
import { TotpStrategy } from './strategies/totp.strategy.js'
import { TokenPace } from './token-pace.js'
import { TotpService } from './totp.service.js'
import { StaffTraits } from '../vault/relations/staff-traits.js'

const strategies = [
  OidcStrategy,
  InvitationStrategy,
  PasswordChangeStrategy,
  RecoveryCodeStrategy,
  SealedCodeStrategy,
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
  controllers: [SignInController, MeController, OwnSessionsController, ApiTokensController, SealedCodeController],
  providers: [
    ...strategies,
    Administrators,
    AdmissionService,
    ApiTokensService,
    AttemptLocks,
    Attempts,
    ChallengesService,
    DeviceCookie,
    Directory,
    EnrolmentService,
    FactorsService,
    Foresight,
    FrozenService,
    GivenRights,
    InvitationsService,
    LiftRequestsService,
    OidcService,
    OutsidePeople,
    OwnSessionsService,
    PasskeysService,
    PasswordRules,
    Passwords,
    Policies,
    ProviderLogoutService,
    RecoveryCodesService,
    Restrictions,
    SealedCodeService,
    SecondPersons,
    SessionsService,
    SetupService,
    SignOutService,
    FreeExports,
    Spending,
    StaffTraits,
    StepUpsService,
    TokenPace,
    TotpService,
  ],
  exports: [
    Administrators,
    ApiTokensService,
    Attempts,
    DeviceCookie,
    Directory,
    FrozenService,
    GivenRights,
    InvitationsService,
    PasswordRules,
    Passwords,
    Policies,
    Restrictions,
    SecondPersons,
    SessionsService,
    SetupService,
    FreeExports,
    Spending,
    StaffTraits,
    TotpService,
  ],
})
export class IdentityModule {}
