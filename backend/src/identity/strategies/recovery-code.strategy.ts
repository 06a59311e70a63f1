import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { RecoveryCodesService } from '../recovery-codes.service.js'
import { accountOf } from './account-of.js'

/** A recovery code in the place of a lost second factor, after the password. */
@Injectable()
export class RecoveryCodeStrategy extends PassportStrategy(Strategy, 'recovery-code') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'recovery_code' })
    const { code } = validate(authRoutes.signInRecoveryCode.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    const settle = await this.attempts.of({ factor: 'recovery_code', account, access }, () =>
      this.recoveryCodes.verify(account.id, code),
    )
    return { account, level: 'full', facts: {}, previous: access.who.session, settle }
  }
}
