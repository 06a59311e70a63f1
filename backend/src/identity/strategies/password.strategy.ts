import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { authRoutes } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { ProblemError } from '../../gateway/problem.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import { actorFacts, hasSignInName, type Account } from '../account.js'
import type { Proven } from '../admission.service.js'
import { Directory } from '../doors/directory.js'
import { OutsidePeople, type Admitted } from '../doors/outside-people.js'
import { Passwords } from '../passwords.js'
import { sessionCookie } from '../credential.js'
import { SessionsService } from '../sessions.service.js'
import { Attempts } from '../attempts.service.js'

/** It is still the password, of a door that takes one: hashing takes long enough for somebody to change it. */
async function requireSame(tx: Queries, { id, door, passwordHash }: Account): Promise<void> {
  const [now] = await tx
    .select({ door: accounts.door, passwordHash: accounts.passwordHash })
    .from(accounts)
    .where(eq(accounts.id, id))
  if (now?.door !== door || now.passwordHash !== passwordHash) throw new ProblemError('bad_credentials')
}

/** The first factor, ours or the directory's. A name that does not exist and a wrong password get the same answer after the same work. */
@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy, 'password') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly attempts: Attempts,
    private readonly directory: Directory,
    private readonly people: OutsidePeople,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'password' })
    const { username, password } = validate(authRoutes.signInPassword.body, request.body, 'body')
    const [account] = await this.store.db.select().from(accounts).where(hasSignInName(username))
    access.about(account ? actorFacts(account) : { actor: this.passwords.actorOfUnknown(username) })
    const attempt = { factor: 'password', access, name: username, accountId: account?.id } as const
    await this.attempts.begin(attempt)
    const proven = await this.firstFactor(account, username, password)
    if (!proven) throw new ProblemError('bad_credentials')
    await this.attempts.succeeded(attempt)
    const before = await this.sessions.find(request.cookies[sessionCookie])
    return {
      account: proven.account,
      level: 'first_factor',
      // Tells it from a completed sign-in, which has no reason.
      facts: { reason: 'first_factor' },
      previous: before?.session,
      settle: proven.settle,
    }
  }

  /** Our own hash, or the directory's word: never the password of an account of ours to the directory. The hash is computed for everybody. */
  private async firstFactor(
    account: Account | undefined,
    name: string,
    password: string,
  ): Promise<Admitted | undefined> {
    const right = await this.passwords.verify(account?.passwordHash, password)
    if (account && account.door !== 'ldap')
      return right ? { account, settle: (tx) => requireSame(tx, account) } : undefined
    const person = await this.directory.prove(name, password)
    return person && this.directory.settings ? this.people.admit(person, this.directory.settings) : undefined
  }
}
