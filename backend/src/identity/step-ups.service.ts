import { createHmac } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, StepUpDetail, authRoutes } from '@custodia/contracts'
import { and, eq, gt, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { KEY_PROVIDER, RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { stepUps } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { Attempts } from './attempts.service.js'
import { FactorsService } from './factors.service.js'
import { PasskeysService } from './passkeys.service.js'
import { RecoveryCodesService } from './recovery-codes.service.js'
import { accountOf } from './strategies/account-of.js'
import { TotpService } from './totp.service.js'
import { ChallengesService } from './challenges.service.js'

/** The request that comes again names the proof made for it. */
export const stepUpHeader = 'custodia-step-up'
const minutes = 3

type Request = Pick<FastifyRequest, 'method' | 'url' | 'body' | 'headers'>

/**
 * A fresh proof for one action: asked for when the action is refused, bound to that session and that very request (method,
 * address, body), given with a passkey or a code, used once within minutes.
 */
@Injectable()
export class StepUpsService {
  private readonly key: Buffer

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly passkeys: PasskeysService,
    private readonly challenges: ChallengesService,
    private readonly totp: TotpService,
    private readonly recoveryCodes: RecoveryCodesService,
    private readonly attempts: Attempts,
    private readonly factors: FactorsService,
    @Inject(KEY_PROVIDER) keys: KeyProvider,
  ) {
    this.key = keys.hmacKey('step-up-target')
  }

  /** Uses up the proof this request brings, or asks for one: `step_up_required`. */
  async require(caller: Caller, request: Request, why: { rule?: string; until?: string } = {}): Promise<void> {
    const brought = request.headers[stepUpHeader]
    const target = this.targetOf(request)
    if (typeof brought === 'string' && (await this.use(brought, caller, target))) return
    throw new ProblemError('step_up_required', { step_up: await this.ask(caller, target), ...why })
  }

  /** The proof itself: a code, or the answer of a passkey. What it is good for was fixed when it was asked for. */
  async prove(access: Access, id: string, given: BodyOf<typeof authRoutes.stepUp>): Promise<void> {
    const { who } = access
    const factor = given.code ? 'totp' : given.recovery_code ? 'recovery_code' : 'passkey'
    access.about({ factor, reason: 'step_up', subject: who.id })
    const asked = await this.find(id, who)
    const account = await accountOf(this.store, who)
    const settle = await this.attempts.of({ factor, account, access }, () => {
      if (given.code) return this.totp.verify(account, given.code)
      if (given.recovery_code) return this.recoveryCodes.verify(who.id, given.recovery_code)
      return this.byPasskey(who, asked.challenge, given.response ?? {})
    })
    await this.store.db.transaction(async (tx) => {
      await settle(tx)
      const proven = await tx
        .update(stepUps)
        .set({ provenAt: sql`now()` })
        .where(and(eq(stepUps.id, id), isNull(stepUps.provenAt)))
        .returning({ id: stepUps.id })
      if (!proven.length) throw new ProblemError('conflict')
      await access.grant()
    })
  }

  private async ask(caller: Caller, target: Buffer): Promise<StepUpDetail> {
    const id = uuidv7()
    const { challenge_id, options } = await this.passkeys.signInOptions(caller.id)
    await this.store.db.delete(stepUps).where(lte(stepUps.expiresAt, sql`now()`))
    await this.store.db.insert(stepUps).values({
      id,
      accountId: caller.id,
      session: caller.session,
      target,
      challenge: challenge_id,
      expiresAt: sql`now() + make_interval(mins => ${minutes})`,
    })
    return { id, factors: await this.factors.of(this.store.db, caller.id), options }
  }

  private async use(id: string, caller: Caller, target: Buffer): Promise<boolean> {
    const used = await this.store.db
      .delete(stepUps)
      .where(and(mine(id, caller), eq(stepUps.target, target), isNotNull(stepUps.provenAt)))
      .returning({ id: stepUps.id })
    return used.length > 0
  }

  private async find(id: string, who: Caller) {
    const [asked] = await this.store.db.select().from(stepUps).where(mine(id, who))
    if (!asked) throw new ProblemError('not_found')
    return asked
  }

  /** Keyed: a body may hold a password. */
  private targetOf({ method, url, body }: Request): Buffer {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([method, url, body ?? null]))
      .digest()
  }

  private async byPasskey(who: Caller, challengeId: string, response: Record<string, unknown>) {
    const ceremony = { challenge_id: challengeId, response }
    const expected = await this.challenges.take('proof', challengeId, who.id)
    const owner = await this.passkeys.ownerOf(ceremony)
    if (owner?.account.id !== who.id) throw new ProblemError('bad_credentials')
    return this.passkeys.verifySignIn(owner.passkey, ceremony, expected)
  }
}

const mine = (id: string, who: Caller) =>
  and(
    eq(stepUps.id, id),
    eq(stepUps.accountId, who.id),
    eq(stepUps.session, who.session),
    gt(stepUps.expiresAt, sql`now()`),
  )
