import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { generateSecret, generateURI, verifySync } from 'otplib'
import { KEY_PROVIDER, RECORD_STORE } from '../adapters.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, passkeys } from '../record-store/schema.js'
import { contextOf, open, seal } from '../vault/keys/envelope.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import type { Account } from './account.js'

/** One step before and after now: clocks of phones are a little off. */
const toleranceSeconds = 30

/** What was begun and not confirmed by then is over: somebody who finds the secret later confirms nothing. */
const pendingMinutes = 10
export const nothingPending = { totpPending: null, totpPendingAt: null, totpPendingSession: null }

/** Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds, as the apps expect). A code works once. */
@Injectable()
export class TotpService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
  ) {}

  /** A new secret, sealed beside the one in use until its first code confirms it, in the same session and soon. */
  async begin(
    tx: Queries,
    caller: Pick<Caller, 'id' | 'username' | 'session'>,
  ): Promise<{ secret: string; uri: string }> {
    const secret = generateSecret()
    const totpPending = await seal(this.keys, Buffer.from(secret), contextFor(caller.id))
    await tx
      .update(accounts)
      .set({ totpPending, totpPendingAt: sql`now()`, totpPendingSession: caller.session })
      .where(eq(accounts.id, caller.id))
    return { secret, uri: generateURI({ issuer: 'Custodia', label: caller.username, secret }) }
  }

  /** Checks a code against the confirmed secret; what is returned burns it, once. */
  async verify(account: Account, code: string): Promise<(tx: Queries) => Promise<void>> {
    const { totpSecret } = account
    const step = totpSecret && account.totpConfirmed ? await this.stepOf(account.id, totpSecret, code) : undefined
    if (!totpSecret || step === undefined) throw new ProblemError('bad_credentials')
    return async (tx) => {
      const burnt = await tx
        .update(accounts)
        .set({ totpLastStep: step })
        .where(and(eq(accounts.id, account.id), eq(accounts.totpSecret, totpSecret), lt(accounts.totpLastStep, step)))
        .returning({ id: accounts.id })
      if (!burnt.length) throw new ProblemError('bad_credentials')
    }
  }

  /** Before anything is guessed: a secret was begun, in this session, and not long ago. */
  async requireBegun(caller: Pick<Caller, 'id' | 'session'>): Promise<void> {
    const [begun] = await this.store.db
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.id, caller.id), begunIn(caller.session)))
    if (!begun) throw new ProblemError('enrolment_over')
  }

  /** Checks a code against the secret that was begun in that session; what is returned puts that secret in force. */
  async verifyPending(account: Account, session: string, code: string): Promise<(tx: Queries) => Promise<void>> {
    const { totpPending } = account
    const step = totpPending ? await this.stepOf(account.id, totpPending, code) : undefined
    if (!totpPending || step === undefined) throw new ProblemError('bad_credentials')
    return async (tx) => {
      const confirmed = await tx
        .update(accounts)
        .set({ ...nothingPending, totpSecret: totpPending, totpConfirmed: true, totpLastStep: step })
        .where(and(eq(accounts.id, account.id), eq(accounts.totpPending, totpPending), begunIn(session)))
        .returning({ id: accounts.id })
      if (!confirmed.length) throw new ProblemError('bad_credentials')
    }
  }

  /** Takes the secret away; whoever has no other factor keeps it. */
  async remove(tx: Queries, accountId: string): Promise<void> {
    const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId)).for('update')
    if (!account?.totpConfirmed) throw new ProblemError('not_found')
    const [passkey] = await tx
      .select({ id: passkeys.id })
      .from(passkeys)
      .where(eq(passkeys.accountId, accountId))
      .limit(1)
    if (!passkey) throw new ProblemError('last_factor')
    await tx
      .update(accounts)
      .set({ ...nothingPending, totpSecret: null, totpConfirmed: false })
      .where(eq(accounts.id, accountId))
  }

  /** Puts a secret in force without ceremony, for demo people. */
  async install(accountId: string): Promise<string> {
    const secret = generateSecret()
    const totpSecret = await seal(this.keys, Buffer.from(secret), contextFor(accountId))
    await this.store.db.update(accounts).set({ totpSecret, totpConfirmed: true }).where(eq(accounts.id, accountId))
    return secret
  }

  private async stepOf(accountId: string, sealed: Buffer, code: string): Promise<number | undefined> {
    const secret = (await open(this.keys, sealed, contextFor(accountId))).toString()
    try {
      const result = verifySync({ secret, token: code, epochTolerance: toleranceSeconds })
      return result.valid && 'timeStep' in result ? result.timeStep : undefined
    } catch {
      return undefined // the library throws on codes of another form
    }
  }
}

const begunIn = (session: string) =>
  and(
    eq(accounts.totpPendingSession, session),
    gt(accounts.totpPendingAt, sql`now() - make_interval(mins => ${pendingMinutes})`),
  )

export const contextFor = (accountId: string): string => contextOf('account', accountId, 'totp')
