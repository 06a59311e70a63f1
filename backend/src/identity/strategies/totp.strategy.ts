import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { Throttle } from '../throttle.js'
import { TotpService } from '../totp.service.js'
import { accountOf } from './account-of.js'

/** The second factor of a person whose first-factor session passed the door. */
@Injectable()
export class TotpStrategy extends PassportStrategy(Strategy, 'totp') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly totp: TotpService,
    private readonly throttle: Throttle,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'totp' })
    const { code } = validate(authRoutes.signInTotp.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    this.throttle.begin(`totp ${account.id}`, access.origin.ip)
    const settle = await this.totp.verify(account, code)
    this.throttle.succeeded(`totp ${account.id}`, access.origin.ip)
    return { account, level: 'full', facts: {}, previous: access.who.session, settle }
  }
}
