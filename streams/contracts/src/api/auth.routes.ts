import { z } from 'zod'
import { Role } from '../account.js'
import { IdParam } from './common.js'
import { defineRoutes } from './route.js'

export const Username = z
  .string()
  .trim()
  .min(2)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u)
export const Password = z.string().min(12).max(200)
export const TotpCode = z.string().regex(/^\d{6}$/)
/** WebAuthn JSON, as @simplewebauthn makes and checks it. */
export const WebAuthnJson = z.record(z.string(), z.unknown())

/** What comes next after a step of signing in. */
export const SignInStep = z.object({
  next: z.enum(['second_factor', 'enrol', 'done']),
  factors: z.array(z.enum(['totp', 'passkey'])).describe('factors this account can use now'),
})
export type SignInStep = z.infer<typeof SignInStep>

export const Me = z.object({
  id: z.string(),
  username: z.string(),
  display_name: z.string(),
  role: Role,
  team: z.string(),
  branch: z.string(),
  level: z.enum(['first_factor', 'full']),
  permissions: z.array(z.string()),
  purposes: z.array(z.object({ id: z.string(), en: z.string(), zh: z.string() })),
  demo_installed: z.boolean(),
  time_zone: z.string(),
})
export type Me = z.infer<typeof Me>

/** Extra members of the `account_frozen` problem. */
export const FrozenDetail = z.object({
  frozen_reason: z.string(),
  frozen_text: z.object({ en: z.string(), zh: z.string() }).optional().describe('what happened, where a rule froze'),
  time_zone: z.string().describe('in which the system tells times'),
  frozen_rule: z.string().optional(),
  frozen_until: z.iso.datetime(),
  case_id: z.string(),
  contact: z.string(),
  ticket: z.string().describe('for POST /auth/lift-requests; 10 minutes'),
})
export type FrozenDetail = z.infer<typeof FrozenDetail>

/** `step_up` of the `step_up_required` problem. Prove it with `stepUp`, then send the request again with its id as `custodia-step-up`. */
export const StepUpDetail = z.object({
  id: z.string(),
  factors: z.array(z.enum(['totp', 'passkey'])),
  options: WebAuthnJson.describe('request options for a passkey'),
})
export type StepUpDetail = z.infer<typeof StepUpDetail>

export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().optional(),
})
export type Passkey = z.infer<typeof Passkey>

export const authRoutes = defineRoutes({
  setupState: {
    method: 'GET',
    path: '/setup',
    door: 'public',
    summary: 'Whether the first administrator is still to be made',
    reply: z.object({ needed: z.boolean() }),
  },
  setup: {
    method: 'POST',
    path: '/setup',
    door: 'public',
    event: 'role_change',
    summary: 'Make the first administrator with the one-time setup code; opens a first-factor session',
    body: z.object({
      code: z.string().max(64),
      username: Username,
      display_name: z.string().trim().min(1).max(64),
      password: Password,
    }),
    reply: SignInStep,
  },
  signInPassword: {
    method: 'POST',
    path: '/auth/password',
    door: 'public',
    event: 'sign_in',
    summary: 'First factor; sets a first-factor session cookie',
    body: z.object({ username: z.string().min(1).max(64), password: z.string().min(1).max(200) }),
    reply: SignInStep,
  },
  signInTotp: {
    method: 'POST',
    path: '/auth/totp',
    door: 'first_factor',
    event: 'sign_in',
    summary: 'Second factor: a TOTP code; rotates the session',
    body: z.object({ code: TotpCode }),
    reply: SignInStep,
  },
  passkeyOptions: {
    method: 'POST',
    path: '/auth/passkey/options',
    door: 'public',
    summary: 'WebAuthn request options for a passkey sign-in',
    reply: z.object({ challenge_id: z.string(), options: WebAuthnJson }),
  },
  signInPasskey: {
    method: 'POST',
    path: '/auth/passkey',
    door: 'public',
    event: 'sign_in',
    summary: 'Sign in with a passkey and user verification',
    body: z.object({ challenge_id: z.string().max(100), response: WebAuthnJson }),
    reply: SignInStep,
  },
  stepUp: {
    method: 'POST',
    path: '/auth/step-ups/:id',
    door: 'session',
    needs: 'own',
    event: 'sign_in',
    summary: 'A fresh code or passkey for one action that asked for it; good for that one request, once',
    params: IdParam,
    body: z
      .object({ code: TotpCode.optional(), response: WebAuthnJson.optional() })
      .refine(({ code, response }) => (code === undefined) !== (response === undefined), 'give a code or a response'),
  },
  signOut: {
    method: 'POST',
    path: '/auth/sign-out',
    door: 'first_factor',
    needs: 'own',
    event: 'sign_out',
    summary: 'End this session',
  },
  liftRequest: {
    method: 'POST',
    path: '/auth/lift-requests',
    door: 'public',
    event: 'approval',
    summary: 'A frozen person asks the security desk to lift the freeze',
    body: z.object({ ticket: z.string().max(2000), message: z.string().trim().max(500).default('') }),
  },
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
    reply: z.object({ totp: z.boolean(), passkeys: z.array(Passkey) }),
  },
  totpBegin: {
    method: 'POST',
    path: '/me/totp',
    door: 'first_factor',
    needs: 'own',
    event: 'factor_change',
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
      name: z.string().trim().min(1).max(64),
      response: WebAuthnJson,
    }),
    reply: SignInStep,
  },
  passkeyRemove: {
    method: 'DELETE',
    path: '/me/passkeys/:id',
    door: 'session',
    needs: 'own',
    event: 'factor_change',
    summary: 'Remove one of my passkeys; the last factor stays',
    params: IdParam,
  },
})
