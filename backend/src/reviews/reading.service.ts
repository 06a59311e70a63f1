import { Inject, Injectable } from '@nestjs/common'
import type { ReplyOf, routes, SignedReview } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accessReviews as reviews } from '../record-store/schema.js'
import { listItems, listReviews, loadReview } from './review-rows.js'

/** Reviews as auditors and administrators read them. */
@Injectable()
export class ReviewReading {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async list(access: Access): Promise<ReplyOf<typeof routes.reviews>> {
    const found = await listReviews(this.store.db)
    await access.grant({ count: found.length })
    return { items: found }
  }

  async one(access: Access, id: string): Promise<ReplyOf<typeof routes.review>> {
    const review = await loadReview(this.store.db, id)
    const found = await listItems(this.store.db, id)
    await access.grant({ count: found.length })
    return { ...review, items: found }
  }

  async result(access: Access, id: string): Promise<SignedReview> {
    const [review] = await this.store.db.select().from(reviews).where(eq(reviews.id, id))
    if (!review) throw new ProblemError('not_found')
    if (!review.result)
      throw new ProblemError('conflict', { detail: 'This review is still open: it has no result yet.' })
    await access.grant({ fields: ['access_review'], count: review.result.result.people.length })
    return review.result
  }
}
