import { Inject, Injectable } from '@nestjs/common'
import type { Alert, AlertRecord, EventRow, Freeze } from '@custodia/contracts'
import { inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'

const keptMs = 60_000

/** Display names behind account ids, for people to read. The log and ClickHouse hold ids only. */
@Injectable()
export class NamesService {
  private readonly known = new Map<string, { name: string | undefined; until: number }>()

  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async of(ids: Iterable<string | undefined>): Promise<Map<string, string>> {
    const wanted = [...new Set([...ids].filter((id): id is string => Boolean(id)))]
    const now = Date.now()
    const missing = wanted.filter((id) => (this.known.get(id)?.until ?? 0) < now)
    if (missing.length) {
      const rows = await this.store.db
        .select({ id: accounts.id, name: accounts.displayName })
        .from(accounts)
        .where(inArray(accounts.id, missing))
      const found = new Map(rows.map((row) => [row.id, row.name]))
      for (const id of missing) this.known.set(id, { name: found.get(id), until: now + keptMs })
    }
    const names = wanted.flatMap((id) => {
      const name = this.known.get(id)?.name
      return name ? [[id, name] as const] : []
    })
    return new Map(names)
  }

  /** The alert as people read it: the sentence speaks of a person, not of an id. */
  async inAlert<A extends Alert>(alert: A): Promise<A> {
    const name = alert.actor && (await this.of([alert.actor])).get(alert.actor)
    if (!alert.actor || !name) return alert
    const { en, zh } = alert.text
    return {
      ...alert,
      actor_name: name,
      text: { en: en.replaceAll(alert.actor, name), zh: zh.replaceAll(alert.actor, name) },
    }
  }

  /** What open pages are told: with the names that the log does not have. */
  async inRecord(record: AlertRecord): Promise<AlertRecord> {
    if (record.kind === 'raised') return { ...record, alert: await this.inAlert(record.alert) }
    if (record.kind === 'triage') {
      const { triage } = record
      const names = await this.of([triage.by, triage.assignee])
      const [by_name, assignee_name] = [names.get(triage.by ?? ''), names.get(triage.assignee ?? '')]
      return { ...record, triage: { ...triage, by_name, assignee_name } }
    }
    if (record.kind !== 'silence') return record
    const { silence } = record
    const names = await this.of([silence.owner, silence.actor, silence.ended_by])
    const of = (id = '') => names.get(id)
    const named = { actor_name: of(silence.actor), owner_name: of(silence.owner), ended_by_name: of(silence.ended_by) }
    return { ...record, silence: { ...silence, ...named } }
  }

  async inFreezes(freezes: Freeze[]): Promise<Freeze[]> {
    const names = await this.of(freezes.flatMap((freeze) => [freeze.by, freeze.lifted_by, freeze.lift_asked_by]))
    return freezes.map((freeze) => ({
      ...freeze,
      by_name: names.get(freeze.by),
      lifted_by_name: freeze.lifted_by && names.get(freeze.lifted_by),
      lift_asked_by_name: freeze.lift_asked_by && names.get(freeze.lift_asked_by),
    }))
  }

  async inEvents(events: EventRow[]): Promise<EventRow[]> {
    const names = await this.of(events.map((event) => event.actor))
    return events.map((event) =>
      event.actor && names.has(event.actor) ? { ...event, actor_name: names.get(event.actor) } : event,
    )
  }
}
