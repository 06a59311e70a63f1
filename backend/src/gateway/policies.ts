import { Inject, Injectable } from '@nestjs/common'
import { PolicySettings } from '@custodia/contracts'
import { eq, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'
import { Policy, type PolicyChange } from './policy-in-force.js'

const key = 'policy'
type Kept = { version: number; settings: PolicySettings } & PolicyChange

/** The version in force, as a column of the statement that finds a session: no request is judged by a table that was replaced before it began. */
export const policyVersion = sql<number>`coalesce((select (${settings.value}->>'version')::int from ${settings} where ${settings.key} = ${sql.raw(`'${key}'`)}), 0)`

/** The policy table in force. Kept in PostgreSQL as a preset with its settings; built here once a version. */
@Injectable()
export class Policies {
  private known = new Policy()

  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  /** The table of the version that a session's statement named. */
  async at(version: number): Promise<Policy> {
    return this.known.version === version ? this.known : this.current()
  }

  async current(db: Queries = this.store.db): Promise<Policy> {
    const [row] = await db.select().from(settings).where(eq(settings.key, key))
    if (!row) return this.keep(new Policy())
    const { version, settings: chosen, ...change } = row.value as Kept
    return this.keep(new Policy(PolicySettings.parse(chosen), version, change))
  }

  /** Takes the place of the table of the version before; undefined when another change came first. */
  async replace(
    tx: Queries,
    before: number,
    chosen: PolicySettings,
    change: PolicyChange,
  ): Promise<Policy | undefined> {
    const value: Kept = { version: before + 1, settings: chosen, ...change }
    const written = await tx
      .insert(settings)
      .values({ key, value })
      .onConflictDoUpdate({
        target: settings.key,
        set: { value },
        setWhere: sql`(${settings.value}->>'version')::int = ${before}`,
      })
      .returning({ key: settings.key })
    return written.length ? new Policy(chosen, value.version, change) : undefined
  }

  private keep(policy: Policy): Policy {
    return (this.known = this.known.version === policy.version ? this.known : policy)
  }
}
