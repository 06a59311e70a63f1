import { createHash, timingSafeEqual } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { and, eq, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, settings } from '../record-store/schema.js'
import type { Account } from './account.js'
import { normaliseTyped, typedCode } from './crockford.js'

const key = 'setup-code'
const hashOf = (code: string): string => createHash('sha256').update(normaliseTyped(code)).digest('hex')

/** The first administrator, made by whoever can read the terminal that started the system. */
@Injectable()
export class SetupService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async needed(tx: Queries = this.store.db): Promise<boolean> {
    const [admin] = await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.role, 'admin')).limit(1)
    return admin === undefined
  }

  /** A new one-time code (80 random bits) while there is no administrator; the one before it no longer works. Only its hash is kept. */
  async ensureSetupCode(): Promise<string | undefined> {
    return this.store.db.transaction(async (tx) => {
      if (!(await this.needed(tx))) {
        await tx.delete(settings).where(eq(settings.key, key))
        return undefined
      }
      const code = typedCode(4)
      const value = { hash: hashOf(code) }
      await tx.insert(settings).values({ key, value }).onConflictDoUpdate({ target: settings.key, set: { value } })
      return code
    })
  }

  /** Throws unless the system waits for its first administrator and this is the code. */
  async requireCode(code: string): Promise<void> {
    if (!(await this.needed())) throw new ProblemError('setup_done')
    const [row] = await this.store.db.select().from(settings).where(eq(settings.key, key))
    const expected = Buffer.from((row?.value as { hash: string } | undefined)?.hash ?? '', 'hex')
    const given = Buffer.from(hashOf(code), 'hex')
    if (expected.length !== given.length || !timingSafeEqual(expected, given))
      throw new ProblemError('wrong_setup_code')
  }

  /** Uses the code up and makes the administrator. Of two that race, the second waits for the code's row and finds it gone. */
  async createAdministrator(tx: Queries, code: string, administrator: Account): Promise<void> {
    const used = await tx
      .delete(settings)
      .where(and(eq(settings.key, key), eq(sql`${settings.value}->>'hash'`, hashOf(code))))
      .returning({ key: settings.key })
    if (!used.length || !(await this.needed(tx))) throw new ProblemError('setup_done')
    const made = await tx.insert(accounts).values(administrator).onConflictDoNothing().returning({ id: accounts.id })
    if (!made.length) throw new ProblemError('conflict')
  }
}
