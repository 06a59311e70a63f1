import { createHmac } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { KEY_PROVIDER, RECORD_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { recoveryCodes } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { normaliseTyped, typedCode } from './crockford.js'

const howMany = 10
/** of four characters: 120 random bits a code, so that a fast hash of them is enough (OWASP ASVS 5.0 V6.5.2) */
const groups = 6

/** Ten codes for the day when phone and keys are lost: shown once, kept as keyed hashes, each good for one use. */
@Injectable()
export class RecoveryCodesService {
  private readonly key: Buffer

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) keys: KeyProvider,
  ) {
    this.key = keys.hmacKey('recovery-code')
  }

  /** New codes; those before, used or not, are gone. */
  async issue(tx: Queries, accountId: string): Promise<string[]> {
    const codes = Array.from({ length: howMany }, () => typedCode(groups))
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.accountId, accountId))
    await tx.insert(recoveryCodes).values(codes.map((code) => ({ accountId, hash: this.hashOf(accountId, code) })))
    return codes
  }

  /** The first ones, with the first factor that is enrolled; none for whoever has had some. */
  async issueFirst(tx: Queries, accountId: string): Promise<string[] | undefined> {
    const [had] = await tx
      .select({ at: recoveryCodes.createdAt })
      .from(recoveryCodes)
      .where(eq(recoveryCodes.accountId, accountId))
      .limit(1)
    return had ? undefined : this.issue(tx, accountId)
  }

  async left(tx: Queries, accountId: string): Promise<{ left: number; issuedAt: Date } | undefined> {
    const [row] = await tx
      .select({
        left: sql<number>`count(*) filter (where ${recoveryCodes.usedAt} is null)::int`,
        issuedAt: sql<string | null>`min(${recoveryCodes.createdAt})`,
      })
      .from(recoveryCodes)
      .where(eq(recoveryCodes.accountId, accountId))
    return row?.issuedAt ? { left: row.left, issuedAt: new Date(row.issuedAt) } : undefined
  }

  /** Checks that a code is one of the account's unused ones; what is returned uses it up, once. */
  async verify(accountId: string, code: string): Promise<(tx: Queries) => Promise<void>> {
    const mine = and(
      eq(recoveryCodes.accountId, accountId),
      eq(recoveryCodes.hash, this.hashOf(accountId, code)),
      isNull(recoveryCodes.usedAt),
    )
    const [known] = await this.store.db.select({ at: recoveryCodes.createdAt }).from(recoveryCodes).where(mine)
    if (!known) throw new ProblemError('bad_credentials')
    return async (tx) => {
      const used = await tx
        .update(recoveryCodes)
        .set({ usedAt: sql`now()` })
        .where(mine)
        .returning({ at: recoveryCodes.usedAt })
      if (!used.length) throw new ProblemError('bad_credentials')
    }
  }

  private hashOf(accountId: string, code: string): Buffer {
    return createHmac('sha256', this.key)
      .update(`${accountId} ${normaliseTyped(code)}`)
      .digest()
  }
}
