import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { ProblemError } from '../../gateway/problem.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import { actorFacts, hasSignInName } from '../account.js'
import type { Proven } from '../admission.service.js'
import { Passwords } from '../passwords.js'
import { SessionsService, sessionCookie } from '../sessions.service.js'
import { Attempts } from '../attempts.service.js'

/** The first factor. A name that does not exist and a wrong password get the same answer after the same work. */
@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy, 'password') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'password' })
    const { username, password } = validate(authRoutes.signInPassword.body, request.body, 'body')
    const [account] = await this.store.db.select().from(accounts).where(hasSignInName(username))
    access.about(account ? actorFacts(account) : { actor: this.passwords.actorOfUnknown(username) })
    const attempt = { factor: 'password', origin: access.origin, name: username, accountId: account?.id } as const
    await this.attempts.begin(attempt)
    const right = await this.passwords.verify(account?.passwordHash, password)
    if (!account || !right) throw new ProblemError('bad_credentials')
    await this.attempts.succeeded(attempt)
    const before = await this.sessions.find(request.cookies[sessionCookie])
    return {
      account,
      level: 'first_factor',
      // Tells it from a completed sign-in, which has no reason.
      facts: { reason: 'first_factor' },
      previous: before?.session,
      settle: async () => {},
    }
  }
}
