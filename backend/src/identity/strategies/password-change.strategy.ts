import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { meRoutes } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { ProblemError } from '../../gateway/problem.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { PasswordRules } from '../password-rules.js'
import { Passwords } from '../passwords.js'
import { endSessionsOf } from '../session-ends.js'
import { accountOf } from './account-of.js'

/** A new password of somebody who knows the one before and has just proven a factor: this session is rotated, the others end. */
@Injectable()
export class PasswordChangeStrategy extends PassportStrategy(Strategy, 'password-change') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passwords: Passwords,
    private readonly rules: PasswordRules,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'password', subject: access.who.id })
    const { current, password } = validate(meRoutes.passwordChange.body, request.body, 'body')
    const account = await accountOf(this.store, access.who)
    await this.attempts.of({ factor: 'password', account, access }, async () => {
      if (!(await this.passwords.verify(account.passwordHash, current))) throw new ProblemError('bad_credentials')
    })
    this.rules.require(password, account.username)
    const passwordHash = await this.passwords.hash(password)
    const settle: Proven['settle'] = async (tx) => {
      const known = and(eq(accounts.id, account.id), eq(accounts.passwordHash, account.passwordHash ?? ''))
      const changed = await tx.update(accounts).set({ passwordHash }).where(known).returning({ id: accounts.id })
      if (!changed.length) throw new ProblemError('bad_credentials')
      await endSessionsOf(tx, account.id, 'revoked')
    }
    return { account, level: 'full', facts: { reason: 'changed' }, previous: access.who.session, settle }
  }
}
