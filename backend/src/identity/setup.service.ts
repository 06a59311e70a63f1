import { createHash, timingSafeEqual } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { PolicyPreset } from '@custodia/contracts'
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { RECORD_STORE } from '../adapters.js'
import { Policies } from '../gateway/policies.js'
import { installedSettings } from '../gateway/policy-in-force.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, settings } from '../record-store/schema.js'
import type { Account } from './account.js'
import { normaliseTyped, typedCode } from './crockford.js'

const key = 'setup-code'
/** Each gateway that starts prints a code of its own: so many of the newest work, for whoever reads any of their terminals. */
const validAtOnce = 5
const KeptCodes = z.object({ hashes: z.array(z.string()) })
const keptIn = (value: unknown): string[] => KeptCodes.safeParse(value).data?.hashes ?? []
const hashOf = (code: string): string => createHash('sha256').update(normaliseTyped(code)).digest('hex')

/** The first administrator, made by whoever can read the terminal that started the system. */
@Injectable()
export class SetupService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly policies: Policies,
  ) {}

  async needed(tx: Queries = this.store.db): Promise<boolean> {
    const [admin] = await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.role, 'admin')).limit(1)
    return admin === undefined
  }

  /**
   * A new one-time code (80 random bits) while there is no administrator. Several gateways may start on one database: none of
   * them takes back what another one printed. Only hashes are kept.
   */
  async ensureSetupCode(): Promise<string | undefined> {
    return this.store.db.transaction(async (tx) => {
      if (!(await this.needed(tx))) {
        await tx.delete(settings).where(eq(settings.key, key))
        return undefined
      }
      const code = typedCode(4)
      await tx
        .insert(settings)
        .values({ key, value: { hashes: [] } })
        .onConflictDoNothing()
      const [row] = await tx.select().from(settings).where(eq(settings.key, key)).for('update')
      const hashes = [...keptIn(row?.value), hashOf(code)].slice(-validAtOnce)
      await tx.update(settings).set({ value: { hashes } }).where(eq(settings.key, key))
      return code
    })
  }

  /** Throws unless the system waits for its first administrator and this is the code. */
  async requireCode(code: string): Promise<void> {
    if (!(await this.needed())) throw new ProblemError('setup_done')
    const [row] = await this.store.db.select().from(settings).where(eq(settings.key, key))
    const given = Buffer.from(hashOf(code), 'hex')
    const matches = keptIn(row?.value).filter((hash) => timingSafeEqual(Buffer.from(hash, 'hex'), given))
    if (!matches.length) throw new ProblemError('wrong_setup_code')
  }

  /** Uses all codes up and makes the administrator. Of two that race, the second waits for the row and finds it gone. */
  async createAdministrator(tx: Queries, code: string, administrator: Account, preset: PolicyPreset): Promise<void> {
    const used = await tx
      .delete(settings)
      .where(and(eq(settings.key, key), sql`${settings.value}->'hashes' ? ${hashOf(code)}`))
      .returning({ key: settings.key })
    if (!used.length || !(await this.needed(tx))) throw new ProblemError('setup_done')
    const made = await tx.insert(accounts).values(administrator).onConflictDoNothing().returning({ id: accounts.id })
    if (!made.length) throw new ProblemError('conflict')
    const change = { changed_at: new Date().toISOString(), changed_by: administrator.id, reason: 'setup' }
    // Where everybody was removed and somebody sets up again, the table stays as it was.
    await this.policies.replace(tx, 0, { ...installedSettings, preset }, change)
  }
}
