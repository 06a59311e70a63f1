import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import { newAccount } from '../account.js'
import type { Proven } from '../admission.service.js'
import { Passwords } from '../passwords.js'
import { SetupService } from '../setup.service.js'
import { Attempts } from '../attempts.service.js'
import { PasswordRules } from '../password-rules.js'

/** The one-time setup code makes the first administrator, who then enrols a second factor like everybody else. */
@Injectable()
export class SetupStrategy extends PassportStrategy(Strategy, 'setup') {
  constructor(
    private readonly setup: SetupService,
    private readonly passwords: Passwords,
    private readonly rules: PasswordRules,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const attempt = { factor: 'setup', access: request.access } as const
    const body = validate(authRoutes.setup.body, request.body, 'body')
    await this.attempts.begin(attempt)
    await this.setup.requireCode(body.code)
    await this.attempts.succeeded(attempt)
    this.rules.require(body.password, body.username)
    const account = newAccount({
      username: body.username,
      displayName: body.display_name,
      role: 'admin',
      passwordHash: await this.passwords.hash(body.password),
    })
    return {
      account,
      level: 'first_factor',
      facts: { subject: account.id, reason: 'setup', fields: ['policy', body.preset] },
      settle: (tx) => this.setup.createAdministrator(tx, body.code, account, body.preset),
    }
  }
}
