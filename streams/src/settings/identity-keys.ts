import { z } from 'zod'

/** How people sign in, and for how long. */
export const identityKeys = {
  CUSTODIA_PASSWORD_MIN: z.coerce
    .number()
    .int()
    .min(12)
    .max(64)
    .default(12)
    .describe('characters a new password needs at the least'),
  CUSTODIA_PASSKEY_MODELS: z
    .string()
    .regex(
      /^$|^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(\s*,\s*[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})*$/i,
      'not AAGUIDs by commas',
    )
    .default('')
    .describe('AAGUIDs, by commas, of the only models whose new passkeys are taken, with attestation; empty: any'),
  CUSTODIA_PASSKEY_ROOTS: z.string().min(1).optional().meta({
    description:
      'PEM file of the roots that attestation of these models must lead to; without it, a forger can claim a model',
    names: 'file',
  }),
  CUSTODIA_SESSION_LIMITS: z
    .string()
    .regex(
      /^((staff|manager|analyst|auditor|admin)=\d{1,4}\/\d{1,5})(,(staff|manager|analyst|auditor|admin)=\d{1,4}\/\d{1,5})*$/,
      'not role=idle/longest, by commas',
    )
    .default('staff=60/720,manager=60/720,analyst=60/720,auditor=60/720,admin=30/480')
    .describe('minutes a session may be idle, and may last, by role; a role that is not named has 60/720'),
  CUSTODIA_SESSION_CAP: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('sessions one person may have at a time; beyond it the oldest ends; 0: as many as they like'),
  CUSTODIA_SESSION_BINDING: z
    .enum(['device+network', 'device'])
    .default('device+network')
    .describe('what may not change under a session without a factor given again'),
}
