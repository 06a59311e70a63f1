import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import { actorFacts } from '../account.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { sessionCookie } from '../credential.js'
import { OidcService } from '../doors/oidc.service.js'
import { OutsidePeople } from '../doors/outside-people.js'
import { SessionsService } from '../sessions.service.js'

/** What an OpenID provider has proven: the first factor, and both where this house trusts what it says of a second one. */
@Injectable()
export class OidcStrategy extends PassportStrategy(Strategy, 'oidc') {
  constructor(
    private readonly oidc: OidcService,
    private readonly people: OutsidePeople,
    private readonly attempts: Attempts,
    private readonly sessions: SessionsService,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'oidc' })
    const given = validate(authRoutes.signInOidc.body, request.body, 'body')
    const attempt = { factor: 'oidc', access } as const
    await this.attempts.begin(attempt)
    const { person, isStrong, sid } = await this.oidc.finish(given, access.origin)
    await this.attempts.succeeded(attempt)
    const { account, settle } = await this.people.admit(person, this.oidc.settings)
    access.about(actorFacts(account))
    const before = await this.sessions.find(request.cookies[sessionCookie])
    return {
      account,
      level: isStrong ? 'full' : 'first_factor',
      facts: isStrong ? {} : { reason: 'first_factor' },
      previous: before?.session,
      providerSid: sid,
      settle,
    }
  }
}
