import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import { newAccount } from '../account.js'
import type { Proven } from '../admission.service.js'
import { Passwords } from '../passwords.js'
import { SetupService } from '../setup.service.js'
import { Throttle } from '../throttle.js'

/** The one-time setup code makes the first administrator, who then enrols a second factor like everybody else. */
@Injectable()
export class SetupStrategy extends PassportStrategy(Strategy, 'setup') {
  constructor(
    private readonly setup: SetupService,
    private readonly passwords: Passwords,
    private readonly throttle: Throttle,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { ip } = request.access.origin
    const body = validate(authRoutes.setup.body, request.body, 'body')
    this.throttle.begin('setup', ip)
    await this.setup.requireCode(body.code)
    this.throttle.succeeded('setup', ip)
    const account = newAccount({
      username: body.username,
      displayName: body.display_name,
      role: 'admin',
      passwordHash: await this.passwords.hash(body.password),
    })
    return {
      account,
      level: 'first_factor',
      facts: { subject: account.id, reason: 'setup' },
      settle: (tx) => this.setup.createAdministrator(tx, body.code, account),
    }
  }
}
