import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { TotpService } from '../totp.service.js'
import { accountOf } from './account-of.js'

/** The second factor of a person whose first-factor session passed the door. */
@Injectable()
export class TotpStrategy extends PassportStrategy(Strategy, 'totp') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly totp: TotpService,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'totp' })
    const { code } = validate(authRoutes.signInTotp.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    const settle = await this.attempts.of({ factor: 'totp', account, access }, () => this.totp.verify(account, code))
    return { account, level: 'full', facts: {}, previous: access.who.session, settle }
  }
}
