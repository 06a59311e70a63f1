import { Inject, Injectable } from '@nestjs/common'
import type { ReplyOf, meRoutes } from '@custodia/contracts'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { RecordStore } from '../record-store/record-store.js'
import { FactorsService } from './factors.service.js'
import { PasskeysService } from './passkeys.service.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { endOtherSessions } from './session-ends.js'
import { TotpService } from './totp.service.js'

/** Begins enrolments, and takes factors away. What completes an enrolment is a strategy's business. */
@Injectable()
export class EnrolmentService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly factors: FactorsService,
    private readonly totp: TotpService,
    private readonly passkeys: PasskeysService,
    private readonly recoveryCodes: RecoveryCodesService,
  ) {}

  async beginTotp(access: Access): Promise<ReplyOf<typeof meRoutes.totpBegin>> {
    access.about({ factor: 'totp', subject: access.who.id, reason: 'enrolment_begun' })
    return this.store.db.transaction(async (tx) => {
      await this.factors.requireMayEnrol(tx, access.who)
      const begun = await this.totp.begin(tx, access.who)
      await access.grant()
      return begun
    })
  }

  async beginPasskey(access: Access): Promise<ReplyOf<typeof meRoutes.passkeyBegin>> {
    await this.store.db.transaction((tx) => this.factors.requireMayEnrol(tx, access.who))
    return this.passkeys.enrolmentOptions(access.who)
  }

  async renamePasskey(access: Access, id: string, name: string): Promise<void> {
    access.about({ factor: 'passkey', subject: access.who.id, record_id: id })
    await this.store.db.transaction(async (tx) => {
      await this.passkeys.rename(tx, access.who.id, id, name)
      await access.grant({ reason: 'renamed' })
    })
  }

  async removePasskey(access: Access, id: string): Promise<void> {
    access.about({ factor: 'passkey', subject: access.who.id, record_id: id })
    await this.store.serialisable(async (tx) => {
      await this.passkeys.remove(tx, access.who.id, id)
      await endOtherSessions(tx, access.who)
      await access.grant({ reason: 'removed' })
    }, access)
  }

  async removeTotp(access: Access): Promise<void> {
    access.about({ factor: 'totp', subject: access.who.id })
    await this.store.serialisable(async (tx) => {
      await this.totp.remove(tx, access.who.id)
      await endOtherSessions(tx, access.who)
      await access.grant({ reason: 'removed' })
    }, access)
  }

  async issueRecoveryCodes(access: Access): Promise<ReplyOf<typeof meRoutes.recoveryCodesIssue>> {
    access.about({ factor: 'recovery_code', subject: access.who.id })
    return this.store.db.transaction(async (tx) => {
      const codes = await this.recoveryCodes.issue(tx, access.who.id)
      await access.grant({ count: codes.length })
      return { codes }
    })
  }
}
