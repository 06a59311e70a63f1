import { Inject, Injectable } from '@nestjs/common'
import type { ReplyOf, authRoutes } from '@custodia/contracts'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { RecordStore } from '../record-store/record-store.js'
import { FactorsService } from './factors.service.js'
import { PasskeysService } from './passkeys.service.js'
import { TotpService } from './totp.service.js'

/** Begins enrolments, and takes factors away. What completes an enrolment is a strategy's business. */
@Injectable()
export class EnrolmentService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly factors: FactorsService,
    private readonly totp: TotpService,
    private readonly passkeys: PasskeysService,
  ) {}

  async beginTotp(access: Access): Promise<ReplyOf<typeof authRoutes.totpBegin>> {
    access.about({ factor: 'totp', subject: access.who.id, reason: 'enrolment_begun' })
    return this.store.db.transaction(async (tx) => {
      await this.factors.requireMayEnrol(tx, access.who)
      const begun = await this.totp.begin(tx, access.who)
      await access.grant()
      return begun
    })
  }

  async beginPasskey(access: Access): Promise<ReplyOf<typeof authRoutes.passkeyBegin>> {
    await this.store.db.transaction((tx) => this.factors.requireMayEnrol(tx, access.who))
    return this.passkeys.enrolmentOptions(access.who)
  }

  async removePasskey(access: Access, id: string): Promise<void> {
    access.about({ factor: 'passkey', subject: access.who.id, record_id: id })
    await this.store.serialisable(async (tx) => {
      await this.passkeys.remove(tx, access.who.id, id)
      await access.grant({ reason: 'removed' })
    }, access)
  }
}
