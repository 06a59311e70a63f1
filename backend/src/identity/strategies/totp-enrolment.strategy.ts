import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { FactorsService } from '../factors.service.js'
import { Throttle } from '../throttle.js'
import { TotpService } from '../totp.service.js'
import { accountOf } from './account-of.js'

/** A new authenticator app, proven by its first code: enrolled and used in one, so the session becomes full. */
@Injectable()
export class TotpEnrolmentStrategy extends PassportStrategy(Strategy, 'totp-enrolment') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly totp: TotpService,
    private readonly factors: FactorsService,
    private readonly throttle: Throttle,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'totp', subject: access.who.id })
    const { code } = validate(authRoutes.totpConfirm.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    this.throttle.begin(`totp ${account.id}`, access.origin.ip)
    const confirm = await this.totp.verifyPending(account, code)
    this.throttle.succeeded(`totp ${account.id}`, access.origin.ip)
    const settle: Proven['settle'] = async (tx) => {
      await this.factors.requireMayEnrol(tx, access.who)
      await confirm(tx)
    }
    return { account, level: 'full', facts: {}, previous: access.who.session, settle }
  }
}
