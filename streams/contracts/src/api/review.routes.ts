import { z } from 'zod'
import { Role } from '../account.js'
import { Id, IdParam, Reason, pageOf } from './common.js'
import { defineRoutes } from './route.js'

export const ReviewDecision = z.enum(['confirmed', 'removed'])
export type ReviewDecision = z.infer<typeof ReviewDecision>

export const ReviewedRights = z.object({ role: Role, team: z.string(), branch: z.string() })
export type ReviewedRights = z.infer<typeof ReviewedRights>

/** One person's rights, and what became of them in a review. */
export const ReviewItem = z.object({
  account: Id,
  name: z.string(),
  username: z.string(),
  rights: ReviewedRights.describe('as they were decided upon; as they are now, while nobody has decided'),
  last_seen_at: z.iso.datetime().optional(),
  reviewer: Id.optional().describe('whose people they are; absent: the administrators'),
  reviewer_name: z.string().optional(),
  decision: ReviewDecision.optional(),
  reason: z.string().optional(),
  decided_by: Id.optional(),
  decided_by_name: z.string().optional(),
  decided_at: z.iso.datetime().optional(),
  undone_by_name: z.string().optional(),
  undone_at: z.iso.datetime().optional(),
  undo_reason: z.string().optional(),
})
export type ReviewItem = z.infer<typeof ReviewItem>

export const AccessReview = z.object({
  id: Id,
  opened_at: z.iso.datetime(),
  due_at: z.iso.datetime(),
  closed_at: z.iso.datetime().optional(),
  overdue: z.boolean(),
  people: z.number().int(),
  confirmed: z.number().int(),
  removed: z.number().int(),
})
export type AccessReview = z.infer<typeof AccessReview>

/** What a review came to. Its canonical form (RFC 8785: members in order, no blanks) is what was signed. */
export const ReviewResult = z.object({
  format: z.literal('custodia access review 1'),
  id: Id,
  opened_at: z.iso.datetime(),
  due_at: z.iso.datetime(),
  closed_at: z.iso.datetime(),
  complete: z.boolean().describe('false: the next review began before everybody was decided upon'),
  people: z.array(ReviewItem.omit({ last_seen_at: true, undone_by_name: true, undone_at: true, undo_reason: true })),
})
export type ReviewResult = z.infer<typeof ReviewResult>

export const SignedReview = z.object({
  result: ReviewResult,
  signature: z.object({
    algorithm: z.literal('Ed25519'),
    public_key: z.string().describe('SPKI, base64; the same for every review of this installation'),
    value: z.string().describe('base64'),
  }),
})
export type SignedReview = z.infer<typeof SignedReview>

export const reviewRoutes = defineRoutes({
  reviewMine: {
    method: 'GET',
    path: '/access-reviews/mine',
    door: 'session',
    needs: 'review.decide',
    event: 'list',
    summary: 'People whose rights the caller has to confirm or remove, in the review that is open',
    reply: z.object({ review: AccessReview.optional(), items: z.array(ReviewItem) }),
  },
  reviewConfirm: {
    method: 'POST',
    path: '/access-reviews/:id/confirm',
    door: 'session',
    needs: 'review.decide',
    event: 'approval',
    summary: 'Confirm the rights of these people; each is an event of its own',
    params: IdParam,
    body: z.object({ accounts: z.array(Id).min(1).max(500) }),
  },
  reviewRemove: {
    method: 'POST',
    path: '/access-reviews/:id/remove',
    door: 'session',
    needs: 'review.decide',
    event: 'role_change',
    stepUp: true,
    summary: 'Remove the rights of a person at once: the account is closed and its sessions end',
    params: IdParam,
    body: z.object({ account: Id, reason: Reason }),
  },
  reviewUndo: {
    method: 'POST',
    path: '/access-reviews/:id/undo',
    door: 'session',
    needs: 'review.manage',
    event: 'role_change',
    stepUp: true,
    summary: 'Give back rights that a review removed',
    params: IdParam,
    body: z.object({ account: Id, reason: Reason }),
  },
  reviews: {
    method: 'GET',
    path: '/access-reviews',
    door: 'session',
    needs: 'review.read',
    event: 'list',
    summary: 'Access reviews, the latest first',
    reply: pageOf(AccessReview),
  },
  reviewOpen: {
    method: 'POST',
    path: '/access-reviews',
    door: 'session',
    needs: 'review.manage',
    event: 'admin',
    summary: 'Begin a review now instead of at its time; the one that is open is closed as it stands',
    reply: AccessReview,
  },
  review: {
    method: 'GET',
    path: '/access-reviews/:id',
    door: 'session',
    needs: 'review.read',
    event: 'view',
    summary: 'One review: everybody’s decision, and who has not decided',
    params: IdParam,
    reply: AccessReview.extend({ items: z.array(ReviewItem) }),
  },
  reviewResult: {
    method: 'GET',
    path: '/access-reviews/:id/result',
    door: 'session',
    needs: 'review.read',
    event: 'report',
    summary: 'The signed result of a review that is closed; `custodia verify review` checks it',
    params: IdParam,
    reply: SignedReview,
  },
})
