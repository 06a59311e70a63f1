import { Inject, Injectable } from '@nestjs/common'
import { and, eq, lt, sql } from 'drizzle-orm'
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

/** Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds, as the apps expect). A code works once. */
@Injectable()
export class TotpService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
  ) {}

  /** A new secret, sealed beside the one in use until its first code confirms it. */
  async begin(tx: Queries, caller: Pick<Caller, 'id' | 'username'>): Promise<{ secret: string; uri: string }> {
    const secret = generateSecret()
    const totpPending = await seal(this.keys, Buffer.from(secret), contextFor(caller.id))
    await tx.update(accounts).set({ totpPending }).where(eq(accounts.id, caller.id))
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

  /** Checks a code against the secret that was begun; what is returned puts that secret in force. */
  async verifyPending(account: Account, code: string): Promise<(tx: Queries) => Promise<void>> {
    const { totpPending } = account
    const step = totpPending ? await this.stepOf(account.id, totpPending, code) : undefined
    if (!totpPending || step === undefined) throw new ProblemError('bad_credentials')
    return async (tx) => {
      const confirmed = await tx
        .update(accounts)
        .set({ totpSecret: totpPending, totpPending: sql`null`, totpConfirmed: true, totpLastStep: step })
        .where(and(eq(accounts.id, account.id), eq(accounts.totpPending, totpPending)))
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
      .set({ totpSecret: null, totpPending: null, totpConfirmed: false })
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

export const contextFor = (accountId: string): string => contextOf('account', accountId, 'totp')
