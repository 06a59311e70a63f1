import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AccessReview } from '@custodia/contracts'
import { and, desc, eq, isNotNull, isNull, min, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { KEY_PROVIDER, LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import { Deliveries } from '../notices/deliveries.js'
import { Sender } from '../notices/sender.js'
import { Periodic } from '../periodic.js'
import { locks } from '../record-store/locks.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accessReviewItems as items, accessReviews as reviews, accounts } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { OutboxService } from '../response/outbox.service.js'
import { lastBoundary } from './boundary.js'
import { loadReview, resultOf, type ReviewRow } from './review-rows.js'
import { overdueAlert, reminderOf } from './reminder.js'
import { signedReview } from './signed-result.js'

const everyMs = 60_000
const managers = alias(accounts, 'managers')

/** Begins a review when it is its time, reminds of what is open, and closes it with a signed result. */
@Injectable()
export class Rounds implements OnModuleInit, OnModuleDestroy {
  private readonly looks = new Periodic(
    () => this.look(),
    (error) => this.logger.warn({ err: error }, 'access review not looked at yet, trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly capture: CaptureService,
    private readonly deliveries: Deliveries,
    private readonly sender: Sender,
    private readonly outbox: OutboxService,
  ) {}

  onModuleInit(): void {
    this.looks.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop()
  }

  /** Opens what is due and says what is to be done, each once, whichever gateway looks. */
  async look(now = new Date()): Promise<void> {
    await this.store.db.transaction((tx) => this.openDue(tx, now))
    const [open] = await this.store.db.select().from(reviews).where(isNull(reviews.closedAt))
    if (!open) return
    const [{ left } = { left: 0 }] = await this.store.db
      .select({ left: sql<number>`count(*)::int` })
      .from(items)
      .where(and(eq(items.reviewId, open.id), isNull(items.decision)))
    if (!left) return
    if (open.dueAt < now && !open.overdueTold) await this.alertOverdue(open, left, now)
    await this.deliveries.announce(reminderOf(open, left, now, this.config.timeZone), now)
    this.sender.kick()
  }

  /** Whom everybody answers to is taken down now; who has left by then, or answers to nobody, is the administrators'. */
  async open(tx: Queries, by: string, openedAt = new Date()): Promise<AccessReview> {
    const [before] = await tx.select().from(reviews).where(isNull(reviews.closedAt)).for('update')
    if (before) await this.close(tx, before)
    const id = uuidv7()
    const dueAt = new Date(openedAt.getTime() + this.config.reviews.days * 86_400_000)
    await tx.insert(reviews).values({ id, openedBy: by, openedAt, dueAt })
    const people = await tx
      .select({ accountId: accounts.id, reviewerId: managers.id })
      .from(accounts)
      .leftJoin(
        managers,
        and(eq(managers.id, accounts.managerId), eq(managers.status, 'active'), eq(managers.role, 'manager')),
      )
      .where(and(eq(accounts.status, 'active'), eq(accounts.demo, false), eq(accounts.drill, false)))
    if (people.length) await tx.insert(items).values(people.map((person) => ({ reviewId: id, ...person })))
    await this.tellReviewers(tx, id, openedAt)
    return loadReview(tx, id)
  }

  /** Whoever has a page open sees it there at once. */
  private async tellReviewers(tx: Queries, review: string, openedAt: Date): Promise<void> {
    const told = await tx
      .select({ account: sql<string>`${items.reviewerId}`, people: sql<number>`count(*)::int` })
      .from(items)
      .where(and(eq(items.reviewId, review), isNotNull(items.reviewerId)))
      .groupBy(items.reviewerId)
    const at = openedAt.toISOString()
    for (const { account, people } of told)
      await this.outbox.putAccount(tx, account, { kind: 'review_begun', account, review, people, at })
  }

  /** Late reviews are on the desk, too: once each, whichever gateway looks. */
  private async alertOverdue(open: ReviewRow, left: number, now: Date): Promise<void> {
    const told = await this.store.db.transaction(async (tx) => {
      const late = await tx
        .update(reviews)
        .set({ overdueTold: true })
        .where(and(eq(reviews.id, open.id), isNull(reviews.closedAt), eq(reviews.overdueTold, false)))
        .returning({ id: reviews.id })
      if (late.length) await this.outbox.putAlert(tx, { kind: 'raised', alert: overdueAlert(open.id, left, now) })
      return late.length > 0
    })
    if (told) this.outbox.kick()
  }

  /** Signs what was decided, complete or not. */
  async close(tx: Queries, review: ReviewRow): Promise<void> {
    const closedAt = new Date()
    const result = signedReview(await resultOf(tx, review, closedAt), this.keys)
    await tx.update(reviews).set({ closedAt, result }).where(eq(reviews.id, review.id))
    const reason = result.result.complete ? 'access review complete' : 'access review closed incomplete'
    const facts = { actor: 'system', record_id: review.id, count: result.result.people.length, reason }
    await this.capture.append([this.capture.build('admin', 'granted', facts)])
  }

  private async openDue(tx: Queries, now: Date): Promise<void> {
    const { months } = this.config.reviews
    if (!months) return
    await tx.execute(sql`select pg_advisory_xact_lock(${locks.reviewing})`)
    const [last] = await tx.select({ at: reviews.openedAt }).from(reviews).orderBy(desc(reviews.openedAt)).limit(1)
    const [first] = await tx.select({ at: min(accounts.createdAt) }).from(accounts)
    const since = last?.at ?? first?.at
    const boundary = lastBoundary(months, this.config.timeZone, now)
    if (!since || boundary <= since) return
    const review = await this.open(tx, 'system', now)
    const facts = { actor: 'system', record_id: review.id, count: review.people, reason: 'access review begun' }
    await this.capture.append([this.capture.build('admin', 'granted', facts)])
  }
}
