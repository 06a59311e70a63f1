import { Inject, Injectable } from '@nestjs/common'
import type { AlertChange, AlertConflict, Triage } from '@custodia/contracts'
import { and, asc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { SecondPersons } from '../identity/second-persons.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { alertChanges, alerts } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { changeOf, peopleOf, triageOf, type AlertRow } from './alert-rows.js'
import { decideChange, type Change } from './decide-change.js'
import { requireAnalyst, requireUnbiased } from './fit-to-work.js'
import { NamesService } from '../timelines/names.service.js'

type ChangeRow = typeof alertChanges.$inferSelect

/**
 * What people do with alerts: each change is one transaction of the alert's row, its history, the word to open pages and the
 * event. `version` is the one the reader saw: whoever was slower overwrites nothing and hears what the colleague did.
 */
@Injectable()
export class TriageService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly names: NamesService,
    private readonly outbox: OutboxService,
    private readonly seconds: SecondPersons,
  ) {}

  /** `seen`: the version the reader saw; undefined where nothing can be overwritten. */
  async change(access: Access, id: string, seen: number | undefined, change: Change): Promise<Triage> {
    const verdict = change.kind === 'close' ? `: ${change.verdict}` : ''
    access.about({ record_id: id, reason: `${change.kind}${verdict}` })
    const row = await this.store.db.transaction(async (tx) => {
      const now = await this.lock(tx, access, id, seen)
      if (change.kind === 'assign' && change.assignee) await requireAnalyst(tx, change.assignee, access.who.policy)
      const decision = decideChange(now, change, access.who.id)
      if ('refused' in decision) throw await this.conflict(tx, now, now.version, decision.refused)
      const { mergedInto } = now
      const set = { ...decision.next, comments: now.comments + (change.kind === 'comment' ? 1 : 0) }
      const changed = await this.write(tx, access, now, set, change)
      if (change.kind === 'split' && mergedInto) await this.recount(tx, access, mergedInto)
      await access.grant()
      return changed
    })
    this.outbox.kick()
    return this.named(row)
  }

  /** Merges repeats into the alert that stands for them; what was merged into a repeat comes along. */
  async merge(access: Access, id: string, seen: number, ids: readonly string[]): Promise<Triage> {
    access.about({ record_id: id, record_ids: [...ids], reason: 'merge' })
    const row = await this.store.db.transaction(async (tx) => {
      const main = await this.lock(tx, access, id, seen)
      if (main.mergedInto) throw await this.conflict(tx, main, main.version, 'This alert is merged into another one.')
      const repeats = await tx
        .select()
        .from(alerts)
        .where(or(inArray(alerts.id, [...ids]), inArray(alerts.mergedInto, [...ids])))
        .orderBy(asc(alerts.id))
        .for('update')
      await requireUnbiased(tx, access.who, repeats, this.seconds)
      const wrong = ids.find((each) => !repeats.some((row) => row.id === each && isRepeat(row, main)))
      if (wrong) throw notARepeat(wrong)
      for (const repeat of repeats)
        await this.write(tx, access, repeat, { mergedInto: id, repeats: 0 }, { kind: 'merged', other: id })
      const set = { repeats: main.repeats + repeats.length }
      const merged = await this.write(tx, access, main, set, { kind: 'merge', count: repeats.length })
      await access.grant({ count: repeats.length })
      return merged
    })
    this.outbox.kick()
    return this.named(row)
  }

  async history(id: string): Promise<AlertChange[]> {
    return this.changesSince(this.store.db, id, 0)
  }

  async named(row: AlertRow): Promise<Triage> {
    return triageOf(row, await this.names.of(peopleOf(row)))
  }

  /** The row, for nobody else until the end of the transaction. */
  private async lock(tx: Queries, access: Access, id: string, seen: number | undefined): Promise<AlertRow> {
    const [row] = await tx.select().from(alerts).where(eq(alerts.id, id)).for('update')
    if (!row) throw new ProblemError('not_found')
    access.about({ subject: row.actor ?? undefined })
    const withIt = { actor: alerts.actor, rule: alerts.rule } // what is decided of it is decided of its repeats
    const repeats = await tx.select(withIt).from(alerts).where(eq(alerts.mergedInto, id))
    await requireUnbiased(tx, access.who, [row, ...repeats], this.seconds)
    if (seen === undefined || seen === row.version) return row
    // A comment since is no reason: nothing of it would be overwritten.
    const changes = await this.changesSince(tx, id, seen)
    if (seen > row.version || changes.some(({ kind }) => kind !== 'comment')) throw await this.conflict(tx, row, seen)
    return row
  }

  private async conflict(tx: Queries, row: AlertRow, seen: number, why?: string): Promise<ProblemError> {
    const conflict: AlertConflict = {
      triage: await this.named(row),
      changes: await this.changesSince(tx, row.id, seen),
    }
    const last = conflict.changes.findLast(({ kind }) => kind !== 'comment')
    const detail =
      why ?? `${last?.by_name ?? 'A colleague'} changed this alert in the meantime: ${last?.kind ?? 'changed'}.`
    return new ProblemError('conflict', { detail, ...conflict })
  }

  private async changesSince(tx: Queries, id: string, version: number): Promise<AlertChange[]> {
    const rows = await tx
      .select()
      .from(alertChanges)
      .where(and(eq(alertChanges.alertId, id), gt(alertChanges.version, version)))
      .orderBy(asc(alertChanges.version))
    const names = await this.names.of(rows.flatMap(({ by, assignee }) => [by, assignee ?? undefined]))
    return rows.map((row) => changeOf(row, names))
  }

  /** The next version of a row, its step in the history, and the word to open pages: without what was typed. */
  private async write(
    tx: Queries,
    access: Access,
    row: AlertRow,
    set: Partial<AlertRow>,
    change: Partial<ChangeRow> & Pick<ChangeRow, 'kind'>,
  ): Promise<AlertRow> {
    const [at, by, version] = [new Date(), access.who.id, row.version + 1]
    const [changed] = await tx
      .update(alerts)
      .set({ ...set, by, changedAt: at, version })
      .where(eq(alerts.id, row.id))
      .returning()
    if (!changed) throw new Error('a locked alert is gone')
    await tx.insert(alertChanges).values({ ...change, alertId: row.id, version, at, by })
    await this.outbox.putAlert(tx, { kind: 'triage', triage: triageOf(changed) })
    return changed
  }

  /** The alert that lost a repeat tells so. */
  private async recount(tx: Queries, access: Access, id: string): Promise<void> {
    const [main] = await tx.select().from(alerts).where(eq(alerts.id, id)).for('update')
    if (main)
      await this.write(tx, access, main, { repeats: Math.max(0, main.repeats - 1) }, { kind: 'merge', count: -1 })
  }
}

/** Another firing of the same rule for the same group, that nobody has closed or merged. */
const isRepeat = (row: AlertRow, main: AlertRow): boolean =>
  row.id !== main.id &&
  row.mergedInto === null &&
  row.state !== 'closed' &&
  row.rule === main.rule &&
  JSON.stringify(row.alert.group) === JSON.stringify(main.alert.group)

const notARepeat = (id: string): ProblemError =>
  new ProblemError('invalid_input', {
    errors: [{ path: 'body.ids', message: `${id} is no repeat of this alert that could be merged` }],
  })

/** Alerts of the same rule and group: merged into this one already, or free to be. */
export const repeatsOf = (db: Queries, { id, rule, alert }: AlertRow) =>
  db
    .select({ id: alerts.id, time: alerts.time, alert: alerts.alert, mergedInto: alerts.mergedInto })
    .from(alerts)
    .where(
      and(
        eq(alerts.rule, rule),
        sql`${alerts.alert}->'group' = ${JSON.stringify(alert.group)}::jsonb`,
        sql`${alerts.id} <> ${id}`,
        or(eq(alerts.mergedInto, id), and(isNull(alerts.mergedInto), sql`${alerts.state} <> 'closed'`)),
      ),
    )
    .orderBy(sql`${alerts.time} desc`, sql`${alerts.id} desc`)
    .limit(100)
