import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { InvitationsService } from '../invitations.service.js'
import { PasswordRules } from '../password-rules.js'
import { Passwords } from '../passwords.js'

/** A one-time link and the password that its holder chose. The session leads to enrolment, and to nothing else. */
@Injectable()
export class InvitationStrategy extends PassportStrategy(Strategy, 'invitation') {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly passwords: Passwords,
    private readonly rules: PasswordRules,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'invitation' })
    const { token, password } = validate(authRoutes.invitationAccept.body, request.body, 'body')
    const attempt = { factor: 'invitation', access } as const
    await this.attempts.begin(attempt)
    const { account } = await this.invitations.find(token)
    await this.attempts.succeeded(attempt)
    access.about({ subject: account.id })
    this.rules.require(password, account.username)
    const passwordHash = await this.passwords.hash(password)
    return {
      account: { ...account, passwordHash },
      level: 'first_factor',
      facts: { subject: account.id, factor: 'invitation' },
      settle: (tx) => this.invitations.use(tx, token, passwordHash),
    }
  }
}
