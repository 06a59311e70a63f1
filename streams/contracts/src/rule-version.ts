import { z } from 'zod'
import { BacktestReply } from './api/backtest.js'
import { RuleProblem } from './rule.js'

/**
 * draft → proposed → live → retired. What is proposed and not approved is `ended`, as is everything that a frozen author
 * proposed. One version of a file is live; nothing is ever written over.
 */
export const RuleVersionState = z.enum(['draft', 'proposed', 'live', 'retired', 'ended'])
export type RuleVersionState = z.infer<typeof RuleVersionState>

/** A backtest of everything that a version would change, held against the limits of its day. */
export const RuleTrial = z.object({
  at: z.iso.datetime(),
  by: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  rules: z.array(BacktestReply).describe('each rule that would be another one than now, or new'),
  limits: z.object({ alerts_a_day: z.number(), frozen: z.number().int() }),
  failed: z.array(z.enum(['alerts', 'frozen'])).describe('which limits are passed; none: it may be proposed'),
})
export type RuleTrial = z.infer<typeof RuleTrial>

/** A backtest needs so many days: a quiet Sunday says nothing of a rule. A younger log is then read whole. */
export const TRIAL_DAYS = 7

/** What each backtest of a version came to, in the order in which they were run; the last one has its details in `trial`. */
export const PastTrial = RuleTrial.pick({ at: true, by: true, from: true, to: true, failed: true }).extend({
  alerts: z.number().int(),
  freezes: z.number().int(),
  by_name: z.string().optional(),
  of_this_text: z.boolean().describe('false: the draft was saved over since'),
})
export type PastTrial = z.infer<typeof PastTrial>

export const RuleVersion = z.object({
  name: z.string(),
  number: z.number().int(),
  state: RuleVersionState,
  yaml: z.string(),
  cases: z.string().optional(),
  base: z.number().int().optional().describe('the version that it was made from'),
  rollback_to: z.number().int().optional().describe('a rolling back: the version whose text this is'),
  author: z
    .string()
    .optional()
    .describe('account id; absent: it came as a file, and nobody has proposed it yet where that takes two'),
  author_name: z.string().optional(),
  reason: z.string(),
  created_at: z.iso.datetime(),
  proposed_at: z.iso.datetime().optional(),
  decided_at: z.iso.datetime().optional().describe('went live, or was ended'),
  decided_by: z.string().optional(),
  decided_by_name: z.string().optional(),
  decision: z.string().optional().describe('why, in the words of who decided'),
  two_persons: z
    .boolean()
    .describe(
      'a second person puts it into force: it freezes or holds, or what it replaces does; or, where a person made it, a rule in force might see less',
    ),
  trial: RuleTrial.optional(),
  trials: z.array(PastTrial),
})
export type RuleVersion = z.infer<typeof RuleVersion>

/** A rule file, as the list shows it. */
export const KeptRule = z.object({
  name: z.string(),
  live: z.number().int().optional(),
  changed_at: z.iso.datetime().optional().describe('when the version in force went live'),
  changed_by: z.string().optional(),
  changed_by_name: z.string().optional(),
  open: z.array(
    z.object({
      number: z.number().int(),
      state: z.enum(['draft', 'proposed']),
      author: z.string().optional(),
      author_name: z.string().optional(),
      at: z.iso.datetime(),
      base: z.number().int().optional().describe('the version that it was made from'),
      two_persons: z.boolean(),
      tried: z
        .enum(['passed', 'not_passed', 'no'])
        .describe('whether its backtests let it go into force; no: there is none, or it is too old or too short'),
      alerts: z.number().int().optional().describe('of its last backtest, over the period of that'),
      freezes: z.number().int().optional(),
    }),
  ),
})
export type KeptRule = z.infer<typeof KeptRule>

/** What became of one of several proposals. */
export const RuleDecision = z.object({
  name: z.string(),
  number: z.number().int(),
  problem: z
    .object({
      code: z.string(),
      detail: z.string(),
      detail_zh: z.string().optional().describe('what is wrong with the text, in Chinese'),
    })
    .optional()
    .describe('why it was refused, as a problem answer says it; absent: it was not'),
  state: RuleVersionState.optional().describe(
    'live, in force; or proposed: it came as a file and freezes or holds, and a second person puts it into force. Absent: refused',
  ),
  event_id: z.string().optional().describe('the access event of this one'),
})
export type RuleDecision = z.infer<typeof RuleDecision>

/** What a text says and would change. Problems of other files are not among these. */
export const RuleCheck = z.object({
  problems: z.array(RuleProblem),
  notes: z.array(RuleProblem).describe('what works, and is probably not meant, or runs another way than most'),
  changes: z.array(
    z.object({
      rule: z.string(),
      change: z.enum(['new', 'changed', 'gone']),
      freezes: z.boolean(),
      holds: z.boolean(),
      sees_less: z.boolean().describe('a rule in force that might see less, say it later, or to fewer'),
    }),
  ),
  two_persons: z.boolean(),
})
export type RuleCheck = z.infer<typeof RuleCheck>

export const RuleTestResult = z.object({
  name: z.string().optional().describe('absent: it is about the cases as a whole'),
  problems: z.array(RuleProblem).describe('of the rule, or of its cases: `<name>.cases.yml`'),
})
export type RuleTestResult = z.infer<typeof RuleTestResult>

export const RuleFigures = z.object({
  rule: z.string(),
  alerts: z.array(z.number().int()).describe('one number a day, the newest last'),
  shadow: z.number().int().describe('those of them that the rule raised in shadow'),
  true: z.number().int().describe('alerts that were judged true'),
  benign: z.number().int(),
  false: z.number().int(),
})
export type RuleFigures = z.infer<typeof RuleFigures>
