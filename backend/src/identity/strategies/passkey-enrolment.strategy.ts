import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { meRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { FactorsService } from '../factors.service.js'
import { PasskeysService } from '../passkeys.service.js'
import { accountOf } from './account-of.js'

/** A new passkey, proven by the ceremony that made it: enrolled and used in one, so the session becomes full. */
@Injectable()
export class PasskeyEnrolmentStrategy extends PassportStrategy(Strategy, 'passkey-enrolment') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passkeys: PasskeysService,
    private readonly factors: FactorsService,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'passkey', subject: access.who.id })
    const ceremony = validate(meRoutes.passkeyAdd.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    const { id, add } = await this.passkeys.verifyEnrolment(account.id, ceremony)
    const settle: Proven['settle'] = async (tx) => {
      await this.factors.requireMayEnrol(tx, access.who)
      await add(tx)
    }
    return { account, level: 'full', facts: { record_id: id }, previous: access.who.session, settle, enrols: true }
  }
}
