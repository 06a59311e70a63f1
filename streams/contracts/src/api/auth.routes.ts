import { z } from 'zod'
import { IdParam } from './common.js'
import { PolicyPreset } from './policy.routes.js'
import { defineRoutes } from './route.js'

export const Username = z
  .string()
  .trim()
  .min(2)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u)
export const Password = z.string().min(12).max(200)
export const TotpCode = z.string().regex(/^\d{6}$/)
/** However it was typed: blanks, dashes and case do not matter. */
export const RecoveryCode = z.string().trim().min(12).max(60)
/** The secret of an invitation link. */
export const InvitationToken = z.string().min(20).max(100)
/** WebAuthn JSON, as @simplewebauthn makes and checks it. */
export const WebAuthnJson = z.record(z.string(), z.unknown())

/** Ways to complete a sign-in; a recovery code is for when the others are lost. */
export const SecondFactor = z.enum(['totp', 'passkey', 'recovery_code'])
export type SecondFactor = z.infer<typeof SecondFactor>
/** What comes next after a step of signing in. */
export const SignInStep = z.object({
  next: z.enum(['second_factor', 'enrol', 'done']),
  factors: z.array(SecondFactor).describe('factors this account can use now'),
  recovery_codes: z.array(z.string()).optional().describe('shown once, with the first factor that was enrolled'),
})
export type SignInStep = z.infer<typeof SignInStep>

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
  factors: z.array(SecondFactor),
  options: WebAuthnJson.describe('request options for a passkey'),
})
export type StepUpDetail = z.infer<typeof StepUpDetail>

export const authRoutes = defineRoutes({
  setupState: {
    method: 'GET',
    path: '/setup',
    door: 'public',
    summary: 'Whether the first administrator is still to be made',
    reply: z.object({
      needed: z.boolean(),
      password_min: z.number().int().describe('characters a password needs'),
      oidc: z.object({ name: z.string() }).optional().describe('an OpenID provider, where one is configured'),
    }),
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
      preset: PolicyPreset.default('separation'),
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
  oidcBegin: {
    method: 'POST',
    path: '/auth/oidc/begin',
    door: 'public',
    summary: 'Where to send the browser: the OpenID provider, with state, nonce and PKCE bound to this browser',
    reply: z.object({ url: z.string() }),
  },
  signInOidc: {
    method: 'POST',
    path: '/auth/oidc',
    door: 'public',
    event: 'sign_in',
    summary: 'First factor: what the OpenID provider sent back with the browser, once',
    body: z.object({
      code: z.string().min(1).max(4000),
      state: z.string().min(1).max(200),
      iss: z.string().max(500).optional(),
    }),
    reply: SignInStep,
  },
  oidcSignOut: {
    method: 'POST',
    path: '/auth/oidc/sign-out',
    door: 'first_factor',
    needs: 'own',
    event: 'sign_out',
    summary: 'End this session, and say where to end the one at the OpenID provider',
    reply: z.object({ url: z.string().optional() }),
  },
  oidcBackChannelLogout: {
    method: 'POST',
    path: '/auth/oidc/back-channel-logout',
    door: 'public',
    event: 'sign_out',
    summary: 'The OpenID provider tells that somebody’s session there has ended: theirs here end with it',
    consumes: 'application/x-www-form-urlencoded',
    body: z.object({ logout_token: z.string().min(1).max(16_000) }),
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
  signInRecoveryCode: {
    method: 'POST',
    path: '/auth/recovery-code',
    door: 'first_factor',
    event: 'sign_in',
    summary: 'Second factor: a recovery code, used up by it; rotates the session',
    body: z.object({ code: RecoveryCode }),
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
      .object({ code: TotpCode, response: WebAuthnJson, recovery_code: RecoveryCode })
      .partial()
      .refine((proof) => Object.values(proof).filter((given) => given !== undefined).length === 1, 'give one proof'),
  },
  invitation: {
    method: 'POST',
    path: '/invitations/look',
    door: 'public',
    summary: 'Whom an invitation is for; the secret is in the body, so that no address carries it',
    body: z.object({ token: InvitationToken }),
    reply: z.object({ username: z.string(), display_name: z.string(), expires_at: z.iso.datetime() }),
  },
  invitationAccept: {
    method: 'POST',
    path: '/invitations/accept',
    door: 'public',
    event: 'factor_change',
    summary: 'Set the first password with an invitation, once; opens a first-factor session that leads to enrolment',
    body: z.object({ token: InvitationToken, password: Password }),
    reply: SignInStep,
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
})
