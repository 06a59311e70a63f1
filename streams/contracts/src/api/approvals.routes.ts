import { z } from 'zod'
import { Id, IdParam, Reason } from './common.js'
import { defineRoutes } from './route.js'
import { CustomerQuery, PersonalField, Purpose } from './vault.routes.js'

export const ApprovalState = z.enum([
  'pending',
  'approved', // usable now
  'denied',
  'revoked',
  'used_up',
  'expired',
  'frozen', // ended by a freeze of whoever asked
])
export type ApprovalState = z.infer<typeof ApprovalState>

const Scope = z.object({
  use: z.enum(['reveal', 'export']),
  fields: z.array(PersonalField).min(1),
  most: z.number().int().min(1).max(10_000).describe('customers shown or exported, each time counted'),
  purpose: Purpose,
  minutes: z
    .number()
    .int()
    .min(5)
    .max(60 * 24 * 31)
    .describe('from the approval on'),
})
const customerIds = z.array(Id).min(1).max(10_000)

export const Approval = Scope.extend({
  id: z.string(),
  kind: z.enum(['request', 'break_glass']),
  state: ApprovalState,
  requester: z.string(),
  requester_name: z.string(),
  branch: z.string(),
  customers: z.number().int().describe('how many it names'),
  used: z.number().int(),
  reason: z.string(),
  asked_at: z.iso.datetime(),
  until: z.iso.datetime().optional(),
  decided_by_name: z.string().optional(),
  decided_at: z.iso.datetime().optional(),
  decision_reason: z.string().optional(),
  ended_by_name: z.string().optional(),
  ended_at: z.iso.datetime().optional(),
  end_reason: z.string().optional(),
  review_by: z.iso.datetime().optional().describe('break-glass: until when another person must have looked at it'),
  reviewed_by_name: z.string().optional(),
  reviewed_at: z.iso.datetime().optional(),
  verdict: z.enum(['justified', 'not_justified']).optional(),
  review_note: z.string().optional(),
  overdue: z.boolean().describe('the review is'),
  mine: z.boolean(),
})
export type Approval = z.infer<typeof Approval>

export const ApprovalUse = z.object({
  event_id: z.string(),
  at: z.iso.datetime(),
  count: z.number().int(),
  fields: z.array(z.string()),
  customer_id: z.string().optional(),
})
export type ApprovalUse = z.infer<typeof ApprovalUse>
export const ApprovalDetail = Approval.extend({
  customer_ids: z.array(z.string()).describe('at most 1,000 of them'),
  uses: z.array(ApprovalUse),
  may: z.array(z.enum(['decide', 'revoke', 'review'])),
})
export type ApprovalDetail = z.infer<typeof ApprovalDetail>

export const approvalRoutes = defineRoutes({
  approvals: {
    method: 'GET',
    path: '/approvals',
    door: 'session',
    needs: 'approval.read',
    event: 'list',
    summary: 'Requests for plain values and larger exports: my own, those to decide, those to review, or all I may see',
    query: z.object({ list: z.enum(['mine', 'decide', 'review', 'all']).default('mine') }),
    reply: z.object({
      items: z.array(Approval).describe('the newest 200'),
      to_decide: z.number().int(),
      to_review: z.number().int(),
      overdue: z.number().int(),
    }),
  },
  approval: {
    method: 'GET',
    path: '/approvals/:id',
    door: 'session',
    needs: 'approval.read',
    event: 'view',
    summary: 'One request with its scope and every use',
    params: IdParam,
    reply: ApprovalDetail,
  },
  approvalAsk: {
    method: 'POST',
    path: '/approvals',
    door: 'session',
    needs: 'approval.request',
    event: 'approval',
    summary: 'Ask for plain values or a larger export: of these customers, or of those a search finds now',
    body: Scope.extend({
      customer_ids: customerIds.optional(),
      search: CustomerQuery.omit({ cursor: true, limit: true, approval: true }).optional(),
      reason: Reason,
    }).refine((body) => !body.customer_ids !== !body.search, 'either customer_ids or search'),
    reply: Approval,
  },
  approvalBreakGlass: {
    method: 'POST',
    path: '/approvals/break-glass',
    door: 'session',
    needs: 'approval.break_glass',
    event: 'approval',
    stepUp: true,
    summary: 'Emergency use without approval: few customers, few minutes, everybody on duty is told, a review follows',
    body: Scope.pick({ fields: true, purpose: true }).extend({
      customer_ids: z.array(Id).min(1).max(5),
      reason: z.string().trim().min(10).max(500),
    }),
    reply: Approval,
  },
  approvalDecide: {
    method: 'POST',
    path: '/approvals/:id/decision',
    door: 'session',
    needs: 'approval.decide',
    event: 'approval',
    stepUp: true,
    summary: 'Approve or deny what somebody else asked for',
    params: IdParam,
    body: z.object({ decision: z.enum(['approve', 'deny']), reason: Reason }),
    reply: Approval,
  },
  approvalRevoke: {
    method: 'POST',
    path: '/approvals/:id/revoke',
    door: 'session',
    needs: 'approval.revoke',
    event: 'approval',
    summary: 'End a request or an approval now',
    params: IdParam,
    body: z.object({ reason: Reason }),
    reply: Approval,
  },
  approvalReview: {
    method: 'POST',
    path: '/approvals/:id/review',
    door: 'session',
    needs: 'approval.review',
    event: 'approval',
    stepUp: true,
    summary: 'Say whether an emergency use was justified',
    params: IdParam,
    body: z.object({ verdict: z.enum(['justified', 'not_justified']), note: Reason }),
    reply: Approval,
  },
})
