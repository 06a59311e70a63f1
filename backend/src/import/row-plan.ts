import { createHmac } from 'node:crypto'
import { AccessEvent } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { importPlans } from '../record-store/schema.js'
import type { CheckedRow } from './check-row.js'

/** What a row will be, written down before anything of it is done: ids and events, no values. */
export const RowPlan = z.object({
  customer: z.string(),
  photos: z.array(z.string()),
  events: z.array(AccessEvent),
  /** keyed hash of all that the row brings: another row must not be finished with these events */
  content: z.string(),
  /** ends of the log's partitions when the plan was made: its events are behind them or nowhere */
  from: z.record(z.string(), z.number()),
})
export type RowPlan = z.infer<typeof RowPlan>

export type LogEnds = Record<string, number>

/** Plans of rows, and which of their events are in the log already. */
export class RowPlans {
  constructor(
    private readonly store: RecordStore,
    private readonly log: EventLog,
    private readonly hashKey: Buffer,
  ) {}

  /** One per customer and branch, whatever file or run they come from. */
  keyOf({ input, owner }: CheckedRow): string {
    return this.hash('row', owner.branch, input.id_number)
  }

  contentOf({ input, owner, capturedAt }: CheckedRow, photos: readonly Buffer[]): string {
    const pictures = photos.map((photo) => this.hash('photo', photo.toString('latin1')))
    return this.hash('content', JSON.stringify({ input, owner, capturedAt }), ...pictures)
  }

  /** Those that earlier runs left unfinished, by key. */
  async leftOver(): Promise<Map<string, RowPlan>> {
    const rows = await this.store.db.select().from(importPlans)
    return new Map(rows.map(({ key, plan }) => [key.toString('hex'), RowPlan.parse(plan)]))
  }

  async put(key: string, plan: RowPlan): Promise<void> {
    const row = { key: Buffer.from(key, 'hex'), plan }
    await this.store.db.insert(importPlans).values(row).onConflictDoUpdate({ target: importPlans.key, set: { plan } })
  }

  async remove(key: string, queries: Queries = this.store.db): Promise<void> {
    await queries.delete(importPlans).where(eq(importPlans.key, Buffer.from(key, 'hex')))
  }

  async logEnds(): Promise<LogEnds> {
    const ranges = await this.log.range('access-events')
    return Object.fromEntries(ranges.map(({ partition, end }) => [String(partition), end]))
  }

  /** The events of these plans that were appended, though the row may not have been committed. */
  async appended(plans: readonly RowPlan[]): Promise<Set<string>> {
    const wanted = new Set(plans.flatMap((plan) => plan.events.map(({ id }) => id)))
    const found = new Set<string>()
    if (!wanted.size) return found
    for (const { partition, start, end } of await this.log.range('access-events')) {
      const from = Math.max(start, Math.min(...plans.map((plan) => plan.from[String(partition)] ?? 0)))
      if (from >= end) continue
      for await (const { value } of this.log.read('access-events', partition, from, end)) {
        const { id } = JSON.parse(Buffer.from(value).toString()) as { id: string }
        if (wanted.has(id)) found.add(id)
      }
    }
    return found
  }

  private hash(...parts: string[]): string {
    return createHmac('sha256', this.hashKey).update(JSON.stringify(parts)).digest('hex')
  }
}
