import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { meRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { FactorsService } from '../factors.service.js'
import { Attempts } from '../attempts.service.js'
import { endOtherSessions } from '../session-ends.js'
import { TotpService } from '../totp.service.js'
import { accountOf } from './account-of.js'

/**
 * A new authenticator app, proven by its first code: enrolled and used in one, so the session becomes full. In the place of
 * another app it ends the other sessions, as that app's removal would.
 */
@Injectable()
export class TotpEnrolmentStrategy extends PassportStrategy(Strategy, 'totp-enrolment') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly totp: TotpService,
    private readonly factors: FactorsService,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'totp', subject: access.who.id })
    const { code } = validate(meRoutes.totpConfirm.body, request.body, 'body')
    await this.totp.requireBegun(access.who)
    const account = await accountOf(this.store, access.who)
    const confirm = await this.attempts.of({ factor: 'totp', account, access }, () =>
      this.totp.verifyPending(account, access.who.session, code),
    )
    const settle: Proven['settle'] = async (tx) => {
      await this.factors.requireMayEnrol(tx, access.who)
      const replaces = (await this.factors.of(tx, account.id)).includes('totp')
      await confirm(tx)
      if (replaces) await endOtherSessions(tx, access.who)
    }
    return { account, level: 'full', facts: {}, previous: access.who.session, settle, enrols: true }
  }
}
