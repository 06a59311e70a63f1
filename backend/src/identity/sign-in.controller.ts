import { Controller, Inject, Req, Res, UseGuards } from '@nestjs/common'
import { authRoutes as routes, type InputOf, type ReplyOf, type SignInStep } from '@custodia/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { AdmitBy, NextStep } from './admit.guard.js'
import { OidcService } from './doors/oidc.service.js'
import { ProviderLogoutService } from './doors/provider-logout.service.js'
import { InvitationsService } from './invitations.service.js'
import { LiftRequestsService } from './lift-requests.service.js'
import { PasskeysService } from './passkeys.service.js'
import { PasswordRules } from './password-rules.js'
import { sessionCookie } from './credential.js'
import { SessionsService } from './sessions.service.js'
import { SetupService } from './setup.service.js'
import { SignOutService } from './sign-out.service.js'
import { StepUpsService } from './step-ups.service.js'
import { InvitationStrategy } from './strategies/invitation.strategy.js'
import { OidcStrategy } from './strategies/oidc.strategy.js'
import { PasskeyStrategy } from './strategies/passkey.strategy.js'
import { PasswordStrategy } from './strategies/password.strategy.js'
import { RecoveryCodeStrategy } from './strategies/recovery-code.strategy.js'
import { SetupStrategy } from './strategies/setup.strategy.js'
import { TotpStrategy } from './strategies/totp.strategy.js'

@Controller()
export class SignInController {
  constructor(
    private readonly setupService: SetupService,
    private readonly passkeys: PasskeysService,
    private readonly sessions: SessionsService,
    private readonly signOutService: SignOutService,
    private readonly liftRequests: LiftRequestsService,
    private readonly stepUps: StepUpsService,
    private readonly invitations: InvitationsService,
    private readonly passwordRules: PasswordRules,
    private readonly oidc: OidcService,
    private readonly providerLogout: ProviderLogoutService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Serve(routes.setupState)
  async setupState(): Promise<ReplyOf<typeof routes.setupState>> {
    const { oidc } = this.config
    return {
      needed: await this.setupService.needed(),
      password_min: this.passwordRules.min,
      oidc: oidc && { name: oidc.name },
    }
  }

  @Serve(routes.setup)
  @UseGuards(AdmitBy(SetupStrategy))
  setup(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.signInPassword)
  @UseGuards(AdmitBy(PasswordStrategy))
  signInPassword(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.oidcBegin)
  oidcBegin(@TheAccess() access: Access): Promise<ReplyOf<typeof routes.oidcBegin>> {
    return this.oidc.begin(access.origin)
  }

  @Serve(routes.signInOidc)
  @UseGuards(AdmitBy(OidcStrategy))
  signInOidc(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.oidcSignOut)
  async oidcSignOut(
    @TheAccess() access: Access,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplyOf<typeof routes.oidcSignOut>> {
    await this.signOut(access, reply)
    return { url: await this.oidc.endUrl() }
  }

  @Serve(routes.oidcBackChannelLogout)
  oidcBackChannelLogout(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof routes.oidcBackChannelLogout>,
  ): Promise<void> {
    return this.providerLogout.hear(access, body.logout_token)
  }

  @Serve(routes.signInTotp)
  @UseGuards(AdmitBy(TotpStrategy))
  signInTotp(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.signInRecoveryCode)
  @UseGuards(AdmitBy(RecoveryCodeStrategy))
  signInRecoveryCode(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.invitation)
  async invitation(@Input() { body }: InputOf<typeof routes.invitation>): Promise<ReplyOf<typeof routes.invitation>> {
    const { account, expiresAt } = await this.invitations.find(body.token)
    const { username, displayName } = account
    return { username, display_name: displayName, expires_at: expiresAt.toISOString() }
  }

  @Serve(routes.invitationAccept)
  @UseGuards(AdmitBy(InvitationStrategy))
  invitationAccept(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.passkeyOptions)
  async passkeyOptions(@Req() request: FastifyRequest): Promise<ReplyOf<typeof routes.passkeyOptions>> {
    const known = await this.sessions.find(request.cookies[sessionCookie])
    return this.passkeys.signInOptions(known?.level === 'first_factor' ? known.id : undefined)
  }

  @Serve(routes.signInPasskey)
  @UseGuards(AdmitBy(PasskeyStrategy))
  signInPasskey(@NextStep() step: SignInStep): SignInStep {
    return step
  }

  @Serve(routes.stepUp)
  stepUp(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.stepUp>): Promise<void> {
    return this.stepUps.prove(access, params.id, body)
  }

  @Serve(routes.signOut)
  async signOut(@TheAccess() access: Access, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.signOutService.signOut(access)
    this.sessions.clearCookie(reply)
  }

  @Serve(routes.liftRequest)
  async liftRequest(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.liftRequest>): Promise<void> {
    await this.liftRequests.ask(access, input.body)
  }
}
