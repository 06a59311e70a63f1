import { Inject, Injectable } from '@nestjs/common'
import type { AccessReview, InputOf, ReplyOf, routes } from '@custodia/contracts'
import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { Administrators } from '../identity/administrators.js'
import { endSessionsOf } from '../identity/session-ends.js'
import { SecondPersons } from '../identity/second-persons.js'
import { GivenRights } from '../power/given-rights.js'
import { handsOf, type Hands } from '../power/told.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accessReviewItems as items, accessReviews as reviews, accounts } from '../record-store/schema.js'
import { lockAccount } from '../response/account-lock.js'
import { OutboxService } from '../response/outbox.service.js'
import { listItems, listReviews, rightsOf, type ReviewRow } from './review-rows.js'
import { Rounds } from './rounds.service.js'
import { isMine } from './waiting.js'

type Item = typeof items.$inferSelect
type Account = typeof accounts.$inferSelect

/** Decisions on people's rights: by whoever they answer to, or by an administrator, and never by themselves. */
@Injectable()
export class ReviewsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
    private readonly rounds: Rounds,
    private readonly administrators: Administrators,
    private readonly given: GivenRights,
    private readonly seconds: SecondPersons,
  ) {}

  async mine(access: Access): Promise<ReplyOf<typeof routes.reviewMine>> {
    const [review] = await listReviews(this.store.db, isNull(reviews.closedAt))
    const found = review ? await listItems(this.store.db, review.id, isMine(access.who)) : []
    await access.grant({ record_id: review?.id, count: found.length })
    return { review, items: found }
  }

  async confirm(access: Access, { params, body }: InputOf<typeof routes.reviewConfirm>): Promise<void> {
    await this.decide(access, params.id, [...new Set(body.accounts)], async (tx, decided) => {
      for (const { account } of decided)
        await this.write(tx, params.id, account, { decision: 'confirmed', decidedBy: access.who.id })
      const header = await access.grant({ count: decided.length, reason: 'confirmed' })
      const parts = decided.map(({ account }) => ({
        ...access.part(header, { subject: account.id, reason: 'confirmed' }),
        outcome: 'granted' as const,
      }))
      await this.capture.append(parts, access.origin)
    })
  }

  async remove(access: Access, { params, body }: InputOf<typeof routes.reviewRemove>): Promise<void> {
    access.about({ subject: body.account })
    await this.decide(access, params.id, [body.account], async (tx, [one]) => {
      if (!one) throw new ProblemError('not_found')
      await this.close(tx, one.account.id, handsOf(access.who))
      const { reason } = body
      await this.write(tx, params.id, one.account, { decision: 'removed', decidedBy: access.who.id, reason })
      await access.grant({ reason: 'removed' })
    })
    this.outbox.kick()
  }

  async undo(access: Access, { params, body }: InputOf<typeof routes.reviewUndo>): Promise<void> {
    access.about({ subject: body.account })
    if (body.account === access.who.id) throw new ProblemError('own_account')
    await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const undone = await tx
        .update(items)
        .set({ undoneBy: access.who.id, undoneAt: sql`now()`, undoReason: body.reason })
        .where(and(isOne(params.id, [body.account]), eq(items.decision, 'removed'), isNull(items.undoneAt)))
        .returning({ account: items.accountId })
      if (!undone.length) throw new ProblemError('not_found')
      const closed = await lockAccount(tx, body.account)
      if (closed.role === 'admin')
        throw new ProblemError('second_person_required', {
          detail: 'Propose it on the page Accounts: another administrator confirms it.',
        })
      await tx.update(accounts).set({ status: 'active' }).where(eq(accounts.id, closed.id))
      await this.given.changed(tx, { before: closed, after: { ...closed, status: 'active' }, by: handsOf(access.who) })
      await access.grant({ reason: 'removal undone' })
    }, access)
    this.outbox.kick()
  }

  async open(access: Access): Promise<AccessReview> {
    const begun = await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      const review = await this.rounds.open(tx, access.who.id)
      await access.grant({ record_id: review.id, count: review.people, reason: 'access review begun' })
      return review
    }, access)
    this.outbox.kick()
    return begun
  }

  /** Everything that makes a decision one: the review is open, each person is the decider's to judge, and nobody decides twice. */
  private async decide(
    access: Access,
    reviewId: string,
    ids: string[],
    act: (tx: Queries, decided: { item: Item; account: Account }[]) => Promise<void>,
  ): Promise<void> {
    await this.store.serialisable(async (tx) => {
      await this.requireStanding(tx, access)
      await this.seconds.require(tx, access.who)
      const [review] = await tx.select().from(reviews).where(eq(reviews.id, reviewId)).for('update')
      if (!review) throw new ProblemError('not_found')
      const found = await tx
        .select({ item: items, account: accounts })
        .from(items)
        .innerJoin(accounts, eq(accounts.id, items.accountId))
        .where(and(isOne(reviewId, ids), isMine(access.who)))
        .orderBy(accounts.id)
        .for('update')
      if (found.length !== ids.length) throw new ProblemError('not_found')
      if (review.closedAt || found.some(({ item }) => item.decision))
        throw new ProblemError('conflict', { detail: 'This is decided already.' })
      await act(tx, found)
      await this.endWhenComplete(tx, review)
    }, access)
  }

  private async endWhenComplete(tx: Queries, review: ReviewRow): Promise<void> {
    const [left] = await tx
      .select({ account: items.accountId })
      .from(items)
      .where(and(eq(items.reviewId, review.id), isNull(items.decision)))
      .limit(1)
    if (!left) await this.rounds.close(tx, review)
  }

  private async write(tx: Queries, reviewId: string, account: Account, decided: Partial<Item>): Promise<void> {
    await tx
      .update(items)
      .set({ ...decided, decidedAt: sql`now()`, rights: rightsOf(account) })
      .where(isOne(reviewId, [account.id]))
  }

  /** No longer anybody here: the account stays, for its history and for an undo. */
  private async close(tx: Queries, id: string, by: Hands): Promise<void> {
    const account = await lockAccount(tx, id)
    await this.administrators.requireAnother(tx, account)
    await tx.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, id))
    await this.given.changed(tx, { before: account, after: { ...account, status: 'disabled' }, by })
    await endSessionsOf(tx, id, 'revoked')
  }

  /** The door's answer may be older than a freeze or a revocation; the transaction's is not. */
  private async requireStanding(tx: Queries, access: Access): Promise<void> {
    const [mine] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.id, access.who.id), stillAllowed(access.who)))
    if (!mine) throw new ProblemError('not_signed_in')
  }
}

const isOne = (reviewId: string, ids: string[]) => and(eq(items.reviewId, reviewId), inArray(items.accountId, ids))
