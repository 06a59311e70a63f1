import { createHmac, timingSafeEqual } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { ReplyOf, recoveryRoutes, SealedCode } from '@custodia/contracts'
import { and, eq, sql } from 'drizzle-orm'
import { KEY_PROVIDER, RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import type { Account } from './account.js'
import { Administrators } from './administrators.js'
import { normaliseTyped, typedCode } from './crockford.js'

const key = 'sealed-code'
/** of four characters: 120 random bits */
const groups = 6

/** What is kept of it: a keyed hash while it can be used, and what became of it. */
interface Kept {
  hash: string | null
  issuedAt: string
  issuedBy: string
  /** printed by demo people: it lets nobody else in */
  demo: boolean
  usedAt?: string
  usedFor?: string
}

/** The one code of the house that lets an administrator in who has lost everything: printed, sealed, good once. */
@Injectable()
export class SealedCodeService {
  private readonly key: Buffer

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly administrators: Administrators,
    @Inject(KEY_PROVIDER) keys: KeyProvider,
  ) {
    this.key = keys.hmacKey('sealed-code')
  }

  async state(access: Access): Promise<SealedCode> {
    const { issuedAt, issuedBy, usedAt, usedFor } = (await this.kept(this.store.db)) ?? {}
    const not_yours = (await this.isTheirs(this.store.db, access)) || undefined
    await access.grant({ fields: ['sealed_code'] })
    return { issued_at: issuedAt, issued_by_name: issuedBy, used_at: usedAt, used_for_name: usedFor, not_yours }
  }

  /** The one before it, used or not, no longer works. */
  async issue(access: Access): Promise<ReplyOf<typeof recoveryRoutes.sealedCodeIssue>> {
    access.about({ factor: 'sealed_code', reason: 'printed' })
    const code = typedCode(groups)
    const value: Kept = {
      hash: this.hashOf(code).toString('hex'),
      issuedAt: new Date().toISOString(),
      issuedBy: access.who.displayName,
      demo: access.who.demo,
    }
    await this.store.db.transaction(async (tx) => {
      if (await this.isTheirs(tx, access))
        throw new ProblemError('conflict', { detail: 'This house has administrators of its own: they print its code.' })
      await tx.insert(settings).values({ key, value }).onConflictDoUpdate({ target: settings.key, set: { value } })
      await access.grant()
    })
    return { code }
  }

  /** Throws unless this is the code; what is returned uses it up, once. */
  async verify(code: string): Promise<(tx: Queries, account: Account) => Promise<void>> {
    const kept = await this.kept(this.store.db)
    const given = this.hashOf(code)
    const expected = Buffer.from(kept?.hash ?? '', 'hex')
    if (!kept || expected.length !== given.length || !timingSafeEqual(expected, given))
      throw new ProblemError('bad_credentials')
    return async (tx, account) => {
      if (kept.demo && !account.demo) throw new ProblemError('bad_credentials')
      const value: Kept = { ...kept, hash: null, usedAt: new Date().toISOString(), usedFor: account.displayName }
      const used = await tx
        .update(settings)
        .set({ value })
        .where(and(eq(settings.key, key), eq(sql`${settings.value}->>'hash'`, kept.hash)))
        .returning({ key: settings.key })
      if (!used.length) throw new ProblemError('bad_credentials')
    }
  }

  /** Of a code that was used and has no successor: whom it let in, and when. */
  async used(tx: Queries): Promise<{ at: string; name: string } | undefined> {
    const kept = await this.kept(tx)
    return kept?.usedAt ? { at: kept.usedAt, name: kept.usedFor ?? '' } : undefined
  }

  /** A house prints its own code: nobody who goes with the demo data does. */
  private async isTheirs(tx: Queries, { who }: Access): Promise<boolean> {
    return who.demo && (await this.administrators.isTheHouses(tx))
  }

  private async kept(tx: Queries): Promise<Kept | undefined> {
    const [row] = await tx.select().from(settings).where(eq(settings.key, key))
    return row?.value as Kept | undefined
  }

  private hashOf(code: string): Buffer {
    return createHmac('sha256', this.key).update(normaliseTyped(code)).digest()
  }
}
