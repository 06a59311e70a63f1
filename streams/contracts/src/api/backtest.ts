import { z } from 'zod'

const DAY = 86_400_000

export const BacktestQuery = z
  .object({
    rule: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('name or id; without it, the one rule of the text that alerts'),
    yaml: z.string().min(1).max(100_000).optional().describe('a rule file, tried out before anybody saves it'),
    from: z.iso.datetime({ offset: true }).describe('first instant of the period'),
    to: z.iso.datetime({ offset: true }).describe('first instant after the period'),
  })
  .refine(({ rule, yaml }) => rule !== undefined || yaml !== undefined, {
    path: ['rule'],
    error: 'name a rule, or send one',
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], error: 'must be after `from`' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= 400 * DAY, {
    path: ['to'],
    error: 'is more than 400 days after `from`',
  })
export type BacktestQuery = z.infer<typeof BacktestQuery>

const count = z.number().int()

/** What a rule would have said. Nothing was done: no alert was raised and nobody was frozen. */
export const BacktestReply = z.object({
  rule: z.string(),
  version: z.string(),
  title: z.string(),
  alerts: count,
  freezes: count.describe('accounts that would have been frozen, each as often as it was not frozen already'),
  people: count,
  by: z
    .enum(['sql', 'replay'])
    .describe('replay: the rule cannot be said exactly in SQL, so the engine judged every event'),
  why: z.string().optional().describe('why it was replayed'),
  why_zh: z.string().optional().describe('the same in Chinese; absent in backtests from before there was one'),
  passed_over: count
    .optional()
    .describe(
      'events that came too late for the rule of this name, live: it counted them nowhere; absent in older ones',
    ),
  unsettled: z
    .boolean()
    .optional()
    .describe('what came last was not judged and landed yet when it was run: it is not told for certain'),
  cost: z.object({ rows: count, bytes: count, ms: count }).describe('what was read, and how long it took'),
  days: z
    .array(z.object({ from: z.iso.datetime(), alerts: count, live: count.optional() }))
    .describe('each 24 hours of the period, beside the alerts of the version in force'),
  examples: z
    .array(
      z.object({
        id: z.string(),
        time: z.iso.datetime(),
        group: z.record(z.string(), z.string()),
        event_id: z.string(),
        value: z.number(),
      }),
    )
    .describe('the first alerts, at most 20'),
  live: z
    .object({
      version: z.string(),
      same: z.boolean().describe('the rule asked about is the version in force'),
      alerts: count,
      freezes: count,
      people: count,
      only_here: count.describe('alerts that the version in force would not have given'),
      only_live: count.describe('alerts that only the version in force would have given'),
    })
    .optional()
    .describe('the version in force; absent when no rule of this name is'),
})
export type BacktestReply = z.infer<typeof BacktestReply>
