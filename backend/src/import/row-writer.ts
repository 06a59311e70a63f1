import type { AccessEvent } from '@custodia/contracts'
import { v7 as uuidv7 } from 'uuid'
import type { AccessFacts, CaptureService } from '../capture/capture.service.js'
import type { CheckedPhoto } from '../vault/photos/check-photo.js'
import type { Kind } from '../vault/personal-data.js'
import { ProblemError } from '../gateway/problem.js'
import type { VaultWriter } from '../vault/vault-writer.js'
import type { CheckedRow } from './check-row.js'
import type { LogEnds, RowPlan, RowPlans } from './row-plan.js'

export interface RowPhoto {
  kind: Kind
  photo: CheckedPhoto
}
/** In whose name rows are written, and for which import. */
export interface Run {
  id: string
  actor: AccessFacts
}

/**
 * Writes one row: customer, consent, photos and their events become true together. The plan is durable first; the
 * transaction that makes the customer removes it and, as its last step before the commit, waits for the events. Killed in
 * between, the next run finds the plan, looks which of its events the log has, and finishes the same row with the same ids.
 */
export class RowWriter {
  private constructor(
    private readonly run: Run,
    private readonly vault: VaultWriter,
    private readonly capture: CaptureService,
    private readonly plans: RowPlans,
    private readonly leftOver: Map<string, RowPlan>,
    private readonly appended: Set<string>,
  ) {}

  static async begin(run: Run, vault: VaultWriter, capture: CaptureService, plans: RowPlans): Promise<RowWriter> {
    const leftOver = await plans.leftOver()
    const appended = await plans.appended([...leftOver.values()])
    return new RowWriter(run, vault, capture, plans, leftOver, appended)
  }

  /** Says whether it was written, or the branch has this customer by other hands. */
  async write(row: CheckedRow, photos: RowPhoto[], from: LogEnds): Promise<'imported' | 'already_there'> {
    const key = this.plans.keyOf(row)
    const content = this.plans.contentOf(
      row,
      photos.map(({ photo }) => photo.bytes),
    )
    const earlier = this.leftOver.get(key)
    if (earlier && earlier.content !== content) await this.abandon(key)
    const plan = this.leftOver.get(key) ?? this.planOf(row, photos, content, from)
    if (!this.leftOver.has(key)) await this.plans.put(key, plan)
    // From here on it is one that an end of any kind leaves unfinished, and a repetition goes on with.
    this.leftOver.set(key, plan)
    try {
      await this.commit(row, photos, plan, key)
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'conflict')) throw error
      const found = (await this.vault.existing(row.owner.branch, [row.input.id_number])).get(row.input.id_number)
      // Ours: the commit before this repetition had happened, and its answer was lost.
      if (found?.id !== plan.customer) {
        await this.abandon(key)
        return 'already_there'
      }
    }
    this.leftOver.delete(key)
    return 'imported'
  }

  private async commit(row: CheckedRow, photos: RowPhoto[], plan: RowPlan, key: string): Promise<void> {
    const events = plan.events.filter(({ id }) => !this.appended.has(id))
    await this.vault.createCustomer(
      row.input,
      row.owner,
      async (tx) => {
        await this.plans.remove(key, tx)
        if (events.length) await this.capture.append(events)
        for (const { id } of events) this.appended.add(id)
      },
      {
        id: plan.customer,
        importId: this.run.id,
        photos: photos.map(({ kind, photo }, at) => ({
          id: plan.photos[at],
          kind,
          capturedAt: row.capturedAt,
          createdBy: String(this.run.actor.actor),
          photo,
        })),
      },
    )
  }

  /** After a failure it is not known what the log has: look. */
  async lookAgain(row: CheckedRow): Promise<void> {
    const plan = this.leftOver.get(this.plans.keyOf(row))
    if (plan) for (const id of await this.plans.appended([plan])) this.appended.add(id)
  }

  /** Unfinished rows that this file does not bring again: what was kept of them goes, and the log says so. */
  async abandonOthers(rows: readonly CheckedRow[]): Promise<void> {
    const ours = new Set(rows.map((row) => this.plans.keyOf(row)))
    for (const key of [...this.leftOver.keys()]) if (!ours.has(key)) await this.abandon(key)
  }

  private async abandon(key: string): Promise<void> {
    const plan = this.leftOver.get(key)
    if (!plan) return
    await this.vault.removeObjectsOf(plan.photos)
    if (plan.events.some(({ id }) => this.appended.has(id))) {
      const reason = `import ${this.run.id}: an unfinished row was given up; this customer was never there`
      await this.capture.append([this.event('delete', { customer_id: plan.customer, reason })])
    }
    await this.plans.remove(key)
    this.leftOver.delete(key)
  }

  private planOf(row: CheckedRow, photos: RowPhoto[], content: string, from: LogEnds): RowPlan {
    const customer = uuidv7()
    const ids = photos.map(() => uuidv7())
    const created = this.event('create', { customer_id: customer, fields: namesOf(row.input), count: 1 })
    const uploads = photos.map(({ kind, photo }, at) =>
      this.event('photo_upload', {
        customer_id: customer,
        record_id: ids[at],
        fields: [kind],
        bytes: photo.bytes.length,
        count: 1,
      }),
    )
    return { customer, photos: ids, events: [created, ...uploads], content, from }
  }

  private event(action: 'create' | 'photo_upload' | 'delete', facts: AccessFacts): AccessEvent {
    return this.capture.build(action, 'granted', { ...this.run.actor, reason: `import ${this.run.id}`, ...facts })
  }
}

const namesOf = (given: object): string[] =>
  Object.entries(given).flatMap(([name, value]) => (value === undefined || name === 'consent' ? [] : [name]))
