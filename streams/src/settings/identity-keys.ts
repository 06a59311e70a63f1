import { Role } from '@custodia/contracts'
import { z } from 'zod'

const limitOfRole = `(${Role.options.join('|')})=\\d{1,4}\\/\\d{1,5}`

/** How people sign in, and for how long. */
export const identityKeys = {
  CUSTODIA_PASSWORD_MIN: z.coerce
    .number()
    .int()
    .min(12)
    .max(64)
    .default(12)
    .describe('characters a new password needs at the least'),
  CUSTODIA_HOUSE_WORDS: z
    .string()
    .max(2000)
    .default('')
    .describe('words of the house, by commas, that no password is made of: its names, places, products'),
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
  CUSTODIA_RECOVERY_WAIT_HOURS: z.coerce
    .number()
    .min(1)
    .max(336)
    .default(24)
    .describe(
      'hours (1 to 336) until an approved reset of factors, of which the person is told; and until a change of power that nobody else could confirm',
    ),
  CUSTODIA_DECIDER_WAIT_HOURS: z.coerce
    .number()
    .min(0)
    .max(168)
    .default(24)
    .describe(
      'hours (0 to 168) until rights that one person alone gave count as a second person’s, unless another administrator confirms them; 0: at once',
    ),
  CUSTODIA_SESSION_LIMITS: z
    .string()
    .regex(new RegExp(`^${limitOfRole}(,${limitOfRole})*$`), 'not role=idle/longest, by commas')
    .default('staff=60/720,service=60/720,finance=60/720,manager=60/720,analyst=60/720,auditor=60/720,admin=30/480')
    .describe('minutes a session may be idle, and may last, by role; a role that is not named has 60/720'),
  CUSTODIA_SESSION_CAP: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('sessions one person may have at a time; beyond it the oldest ends; 0: as many as they like'),
  CUSTODIA_ACCESS_REVIEW_MONTHS: z.coerce
    .number()
    .int()
    .refine((months) => [0, 1, 2, 3, 4, 6, 12].includes(months), 'not 0, 1, 2, 3, 4, 6 or 12')
    .default(3)
    .describe('months from one review of everybody’s rights to the next, by the calendar; 0: only when asked for'),
  CUSTODIA_ACCESS_REVIEW_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(90)
    .default(14)
    .describe('days a review may take before it is overdue'),
  CUSTODIA_SESSION_BINDING: z
    .enum(['device+network', 'device'])
    .default('device+network')
    .describe('what may not change under a session without a factor given again'),
  CUSTODIA_API_RATE: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(300)
    .describe('requests a minute that one API token may make at each gateway'),
  CUSTODIA_LEAVERS_PER_HOUR: z.coerce
    .number()
    .int()
    .min(3)
    .max(100_000)
    .default(20)
    .describe('people whom SCIM, a file and a directory together may close in an hour; then an administrator decides'),
  CUSTODIA_LEAVERS_SHARE: z.coerce
    .number()
    .min(0)
    .max(100)
    .default(20)
    .describe('percent of open accounts that they may close in an hour (three always); the lower of both counts'),
  CUSTODIA_JOINERS_DOOR: z
    .enum(['password', 'oidc', 'ldap'])
    .default('password')
    .describe('where people whom SCIM or a file brings sign in: with an invitation and a password here, or elsewhere'),
}
