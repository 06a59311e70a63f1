import { z } from 'zod'
import { Password, SignInStep, Username } from './auth.routes.js'
import { Id, IdParam, Reason } from './common.js'
import { Invitation } from './desk.routes.js'
import { defineRoutes } from './route.js'

/** Two administrators reset what somebody signs in with: one asks, another approves, the person is told and may say no, then a link is issued. */
export const Recovery = z.object({
  id: Id,
  account: z.string(),
  account_name: z.string(),
  demo: z.boolean().optional().describe('of a demonstration person'),
  state: z
    .enum(['asked', 'waiting', 'done', 'stopped', 'cancelled', 'lapsed'])
    .describe('cancelled: by the person; lapsed: nobody went on with it for 7 days'),
  reason: z.string(),
  asked_by: z.string(),
  asked_by_name: z.string(),
  asked_at: z.iso.datetime(),
  approved_by: z.string().optional(),
  approved_by_name: z.string().optional(),
  approved_at: z.iso.datetime().optional(),
  told: z.enum(['mail', 'other']).optional().describe('how the person was told: by mail, or as the approver says'),
  due_at: z.iso.datetime().optional().describe('from then on it can be finished'),
  ended_at: z.iso.datetime().optional(),
  ended_by_name: z.string().optional(),
})
export type Recovery = z.infer<typeof Recovery>

/** The printed code of the house; never the code itself. */
export const SealedCode = z.object({
  issued_at: z.iso.datetime().optional().describe('absent: there is none, print one'),
  issued_by_name: z.string().optional(),
  used_at: z.iso.datetime().optional().describe('since no new one was printed'),
  used_for_name: z.string().optional(),
  not_yours: z
    .boolean()
    .optional()
    .describe('for demonstration administrators of a house that has its own: these print it'),
})
export type SealedCode = z.infer<typeof SealedCode>

/** Ways back in when a factor is lost; docs/identity.md. */
export const recoveryRoutes = defineRoutes({
  recoveries: {
    method: 'GET',
    path: '/recoveries',
    door: 'session',
    needs: 'account.manage',
    event: 'list',
    summary: 'Resets of factors that are under way, and the latest that ended',
    reply: z.object({ items: z.array(Recovery) }),
  },
  recoveryAsk: {
    method: 'POST',
    path: '/accounts/:id/recovery',
    door: 'session',
    needs: 'account.manage',
    event: 'approval',
    summary: 'The first of two administrators asks to reset the factors of a person who lost them, with a reason',
    params: IdParam,
    body: z.object({ reason: Reason }),
    reply: Recovery,
  },
  recoveryApprove: {
    method: 'POST',
    path: '/recoveries/:id/approve',
    door: 'session',
    needs: 'account.manage',
    event: 'approval',
    stepUp: true,
    summary: 'Another administrator approves; the person is told, and the waiting time begins',
    params: IdParam,
    body: z.object({ told: Reason.optional().describe('how the person was told, where no mail can be sent') }),
    reply: Recovery,
  },
  recoveryFinish: {
    method: 'POST',
    path: '/recoveries/:id/finish',
    door: 'session',
    needs: 'account.manage',
    event: 'factor_change',
    stepUp: true,
    summary: 'The waiting time is over: factors, password and sessions end, and a one-time link takes their place',
    params: IdParam,
    reply: Invitation,
  },
  recoveryStop: {
    method: 'POST',
    path: '/recoveries/:id/stop',
    door: 'session',
    needs: 'account.manage',
    event: 'approval',
    summary: 'An administrator stops a reset that is under way',
    params: IdParam,
    body: z.object({ reason: Reason }),
  },
  myRecoveryCancel: {
    method: 'POST',
    path: '/me/recovery/cancel',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    summary: 'Stop the reset of my factors: I have not lost them',
  },
  recoveryCancel: {
    method: 'POST',
    path: '/auth/recovery/cancel',
    door: 'public',
    event: 'factor_change',
    summary: 'Stop a reset with the secret of the link in its notice',
    body: z.object({ token: z.string().min(20).max(100) }),
  },
  sealedCode: {
    method: 'GET',
    path: '/sealed-code',
    door: 'session',
    needs: 'account.manage',
    event: 'list',
    summary: 'Whether a break-glass code is printed, and whether it was used',
    reply: SealedCode,
  },
  sealedCodeIssue: {
    method: 'POST',
    path: '/sealed-code',
    door: 'session',
    needs: 'account.manage',
    event: 'admin',
    stepUp: true,
    summary: 'A new break-glass code to print and seal, shown once; the one before it no longer works',
    reply: z.object({ code: z.string() }),
  },
  signInSealedCode: {
    method: 'POST',
    path: '/auth/sealed-code',
    door: 'public',
    event: 'sign_in',
    summary:
      'For an administrator who is locked out: the sealed code and a new password; opens 15 minutes to enrol anew, and alarms everybody',
    body: z.object({ username: Username, code: z.string().trim().min(20).max(60), password: Password }),
    reply: SignInStep,
  },
})
