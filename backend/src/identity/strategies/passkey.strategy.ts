import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { Strategy } from 'passport-custom'
import { ProblemError } from '../../gateway/problem.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import { actorFacts } from '../account.js'
import type { Proven } from '../admission.service.js'
import { ChallengesService } from '../challenges.service.js'
import { Attempts } from '../attempts.service.js'
import { PasskeysService } from '../passkeys.service.js'
import { sessionCookie } from '../credential.js'
import { SessionsService } from '../sessions.service.js'

/** A passkey with user verification: something one has and something one knows or is, so it is enough alone. */
@Injectable()
export class PasskeyStrategy extends PassportStrategy(Strategy, 'passkey') {
  constructor(
    private readonly passkeys: PasskeysService,
    private readonly challenges: ChallengesService,
    private readonly sessions: SessionsService,
    private readonly attempts: Attempts,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'passkey' })
    const ceremony = validate(authRoutes.signInPasskey.body, request.body, 'body')
    const owner = await this.passkeys.ownerOf(ceremony)
    if (owner) access.about(actorFacts(owner.account))
    const attempt = {
      factor: 'passkey',
      access,
      name: owner?.account.username,
      accountId: owner?.account.id,
    } as const
    await this.attempts.begin(attempt)
    // After a password the challenge was made for that person, and only their passkeys answer it.
    const before = await this.sessions.find(request.cookies[sessionCookie])
    const expected = await this.challenges.take(
      'proof',
      ceremony.challenge_id,
      before?.level === 'first_factor' ? before.id : undefined,
    )
    if (!owner || (before?.level === 'first_factor' && before.id !== owner.account.id))
      throw new ProblemError('bad_credentials')
    // Who has left there must not come in by a key of ours alone.
    if (owner.account.door !== 'password' && before?.level !== 'first_factor') throw new ProblemError('bad_credentials')
    const settle = await this.passkeys.verifySignIn(owner.passkey, ceremony, expected)
    await this.attempts.succeeded(attempt)
    return { account: owner.account, level: 'full', facts: {}, previous: before?.session, settle }
  }
}
