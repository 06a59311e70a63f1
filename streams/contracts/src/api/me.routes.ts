import { z } from 'zod'
import { Role } from '../account.js'
import { Password, SecondFactor, SignInStep, TotpCode, WebAuthnJson } from './auth.routes.js'
import { IdParam, SignInDoor } from './common.js'
import { CustomerField, FieldLevel } from './policy.routes.js'
import { defineRoutes } from './route.js'

export const Me = z.object({
  id: z.string(),
  username: z.string(),
  display_name: z.string(),
  role: Role,
  team: z.string(),
  branch: z.string(),
  level: z.enum(['first_factor', 'full']),
  door: SignInDoor,
  permissions: z.array(z.string()),
  fields: z.record(CustomerField, FieldLevel).describe('how my role gets each field of a customer'),
  purposes: z.array(z.object({ id: z.string(), en: z.string(), zh: z.string() })),
  demo_installed: z.boolean(),
  demo: z.boolean().optional().describe('I am a demonstration person'),
  time_zone: z.string(),
  recovery: z
    .object({ reason: z.string(), asked_by_name: z.string(), due_at: z.iso.datetime().optional() })
    .optional()
    .describe('somebody wants my factors to be reset; due_at: approved'),
  sealed_code_used: z
    .object({ at: z.iso.datetime(), name: z.string() })
    .optional()
    .describe('for those on duty: the break-glass code was used, and no new one printed since'),
  approvals_waiting: z
    .number()
    .int()
    .optional()
    .describe('for those who judge: requests to decide and emergency uses to review, of others'),
  reviews_waiting: z
    .number()
    .int()
    .optional()
    .describe('for those who review: people of the open access review that they are to decide on'),
  decides_from: z.iso
    .datetime()
    .optional()
    .describe(
      'for those who judge: one person alone gave me this role, and I decide nothing that takes two before then',
    ),
  power_waiting: z
    .number()
    .int()
    .optional()
    .describe('for those who may say no: changes of power that others proposed'),
})
export type Me = z.infer<typeof Me>

/** One line of letters that are seen: what somebody reads before they remove the right key. */
export const PasskeyName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'holds a character that nobody sees')

export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().optional(),
})
export type Passkey = z.infer<typeof Passkey>

export const OwnSession = z.object({
  id: z.string(),
  current: z.boolean(),
  user_agent: z.string(),
  country: z.string().optional().describe('ISO 3166, where the address tells it'),
  network: z.string().describe('of the address it began from'),
  created_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime(),
  expires_at: z.iso.datetime().describe('at the latest'),
})
export type OwnSession = z.infer<typeof OwnSession>

/** What is one's own: factors, password, sessions. */
export const meRoutes = defineRoutes({
  me: {
    method: 'GET',
    path: '/me',
    door: 'first_factor',
    needs: 'own',
    summary: 'Who I am and what I may do',
    reply: Me,
  },
  factors: {
    method: 'GET',
    path: '/me/factors',
    door: 'first_factor',
    needs: 'own',
    summary: 'My second factors',
    reply: z.object({
      totp: z.boolean(),
      passkeys: z.array(Passkey),
      recovery_codes: z.object({ left: z.number().int(), issued_at: z.iso.datetime() }).optional(),
      factors: z.array(SecondFactor).describe('usable now'),
    }),
  },
  totpBegin: {
    method: 'POST',
    path: '/me/totp',
    door: 'first_factor',
    needs: 'own',
    event: 'factor_change',
    stepUp: true,
    summary: 'Begin TOTP enrolment; the secret is shown once',
    reply: z.object({ secret: z.string(), uri: z.string() }),
  },
  totpConfirm: {
    method: 'POST',
    path: '/me/totp/confirm',
    door: 'first_factor',
    needs: 'own',
    event: 'factor_change',
    summary: 'Confirm TOTP with its first code; the session becomes full',
    body: z.object({ code: TotpCode }),
    reply: SignInStep,
  },
  passkeyBegin: {
    method: 'POST',
    path: '/me/passkeys/options',
    door: 'first_factor',
    needs: 'own',
    stepUp: true,
    summary: 'WebAuthn creation options',
    reply: z.object({ challenge_id: z.string(), options: WebAuthnJson }),
  },
  passkeyAdd: {
    method: 'POST',
    path: '/me/passkeys',
    door: 'first_factor',
    needs: 'own',
    event: 'factor_change',
    summary: 'Add a passkey; the session becomes full',
    body: z.object({
      challenge_id: z.string().max(100),
      name: PasskeyName,
      response: WebAuthnJson,
    }),
    reply: SignInStep,
  },
  passkeyRename: {
    method: 'PATCH',
    path: '/me/passkeys/:id',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    summary: 'Give one of my passkeys another name',
    params: IdParam,
    body: z.object({ name: PasskeyName }),
  },
  passkeyRemove: {
    method: 'DELETE',
    path: '/me/passkeys/:id',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    stepUp: true,
    summary: 'Remove one of my passkeys; the last factor stays; other sessions end',
    params: IdParam,
  },
  totpRemove: {
    method: 'DELETE',
    path: '/me/totp',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    stepUp: true,
    summary: 'Remove my authenticator app; the last factor stays; other sessions end',
  },
  recoveryCodesIssue: {
    method: 'POST',
    path: '/me/recovery-codes',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    stepUp: true,
    summary: 'Ten new recovery codes, shown once; those before no longer work',
    reply: z.object({ codes: z.array(z.string()) }),
  },
  passwordChange: {
    method: 'POST',
    path: '/me/password',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    stepUp: true,
    summary: 'Set a new password; this session is rotated, the others end',
    body: z.object({ current: z.string().min(1).max(200), password: Password }),
    reply: SignInStep,
  },
  mySessions: {
    method: 'GET',
    path: '/me/sessions',
    door: 'session',
    needs: 'own',
    event: 'list',
    summary: 'Where I am signed in',
    reply: z.object({ items: z.array(OwnSession) }),
  },
  mySessionEnd: {
    method: 'DELETE',
    path: '/me/sessions/:id',
    door: 'session',
    needs: 'own',
    event: 'sign_out',
    stepUp: true,
    summary: 'End one of my sessions',
    params: IdParam,
  },
  mySessionsEnd: {
    method: 'POST',
    path: '/me/sessions/end-others',
    door: 'session',
    needs: 'own',
    event: 'sign_out',
    stepUp: true,
    summary: 'End all of my sessions but this one',
    reply: z.object({ ended: z.number().int() }),
  },
})
