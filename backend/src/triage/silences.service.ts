import { Inject, Injectable } from '@nestjs/common'
import { isSilencedBy, loudRules, type Alert, type InputOf, type routes, type Silence } from '@custodia/contracts'
import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { SecondPersons } from '../identity/second-persons.js'
import type { RecordStore } from '../record-store/record-store.js'
import { silences } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { NamesService } from '../timelines/names.service.js'

type SilenceRow = typeof silences.$inferSelect

/** Alerts put aside for a time, by somebody who answers for it: off the desk and told to nobody, while detection and response go on. */
@Injectable()
export class SilencesService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly names: NamesService,
    private readonly outbox: OutboxService,
    private readonly seconds: SecondPersons,
  ) {}

  async list(access: Access): Promise<{ items: Silence[] }> {
    const inForce = and(isNull(silences.endedAt), gt(silences.until, sql`now()`))
    const lately = sql`coalesce(${silences.endedAt}, ${silences.until}) > now() - interval '7 days'`
    const rows = await this.store.db
      .select()
      .from(silences)
      .where(or(inForce, lately))
      .orderBy(desc(silences.setAt))
      .limit(200)
    const items = await this.named(rows)
    await access.grant({ fields: ['silences'], count: items.length })
    return { items }
  }

  async set(access: Access, { body }: InputOf<typeof routes.silenceCreate>): Promise<Silence> {
    const { rule, actor, minutes, reason } = body
    access.about({ subject: actor, reason: `silence: ${rule}` })
    if (loudRules.includes(rule)) throw wrong('body.rule', 'warns of the system itself and is never silenced')
    if (actor === access.who.id) throw new ProblemError('own_account')
    const setAt = new Date()
    const until = new Date(+setAt + minutes * 60_000)
    const row = { id: uuidv7(), rule, actor: actor ?? null, reason, owner: access.who.id, setAt, until }
    await this.store.db.transaction(async (tx) => {
      await this.seconds.requireUninvolved(tx, access.who, actor ? [actor] : 'everybody')
      const [set] = await tx.insert(silences).values(row).returning()
      if (set) await this.outbox.putAlert(tx, { kind: 'silence', silence: forTheLog(set) })
      await access.grant({ record_id: row.id })
    })
    this.outbox.kick()
    return this.one({ ...row, endedAt: null, endedBy: null })
  }

  async end(access: Access, id: string): Promise<Silence> {
    access.about({ record_id: id, reason: 'silence ended' })
    const ended = await this.store.db.transaction(async (tx) => {
      const inForce = and(eq(silences.id, id), isNull(silences.endedAt), gt(silences.until, sql`now()`))
      const [row] = await tx
        .update(silences)
        .set({ endedAt: new Date(), endedBy: access.who.id })
        .where(inForce)
        .returning()
      if (!row) throw new ProblemError(await this.missing(id))
      await this.outbox.putAlert(tx, { kind: 'silence', silence: forTheLog(row) })
      await access.grant({ subject: row.actor ?? undefined })
      return row
    })
    this.outbox.kick()
    return this.one(ended)
  }

  /** Whether it is put aside now; for whoever tells people of alerts. */
  async covers(alert: Pick<Alert, 'rule' | 'actor'>): Promise<boolean> {
    const rows = await this.store.db
      .select()
      .from(silences)
      .where(and(eq(silences.rule, alert.rule), isNull(silences.endedAt), gt(silences.until, sql`now()`)))
    return rows.some((row) => isSilencedBy(alert, forTheLog(row), Date.now()))
  }

  private async missing(id: string): Promise<'conflict' | 'not_found'> {
    const rows = await this.store.db.select({ id: silences.id }).from(silences).where(eq(silences.id, id))
    return rows.length ? 'conflict' : 'not_found'
  }

  private async one(row: SilenceRow): Promise<Silence> {
    const [silence] = await this.named([row])
    return silence ?? forTheLog(row)
  }

  private async named(rows: SilenceRow[]): Promise<Silence[]> {
    const names = await this.names.of(
      rows.flatMap((row) => [row.owner, row.actor ?? undefined, row.endedBy ?? undefined]),
    )
    return rows.map((row) => ({
      ...forTheLog(row),
      reason: row.reason,
      actor_name: names.get(row.actor ?? ''),
      owner_name: names.get(row.owner),
      ended_by_name: names.get(row.endedBy ?? ''),
    }))
  }
}

const forTheLog = (row: SilenceRow): Silence => ({
  id: row.id,
  rule: row.rule,
  actor: row.actor ?? undefined,
  owner: row.owner,
  set_at: row.setAt.toISOString(),
  until: row.until.toISOString(),
  ended_at: row.endedAt?.toISOString(),
  ended_by: row.endedBy ?? undefined,
})

const wrong = (path: string, message: string): ProblemError =>
  new ProblemError('invalid_input', { errors: [{ path, message }] })
