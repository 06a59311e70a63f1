import { z } from 'zod'
import { RuleProblem, RuleSummary } from '../rule.js'
import {
  KeptRule,
  RuleCheck,
  RuleDecision,
  RuleFigures,
  RuleTestResult,
  RuleVersion,
  TRIAL_DAYS,
} from '../rule-version.js'
import { BacktestQuery, BacktestReply } from './backtest.js'
import { IdParam, pageOf, Reason } from './common.js'
import { defineRoutes } from './route.js'

/** What a file may be called; it is `<name>.yml` where rules are files. */
export const RuleFileName = z.string().regex(/^[^\\/.\p{C}][^\\/\p{C}]{0,99}$/u, 'is not the name of a file')
const RuleText = z.string().min(1).max(100_000)
const NameParam = z.object({ id: RuleFileName })
const VersionParam = NameParam.extend({ number: z.coerce.number().int().min(1) })
const Text = z.object({ name: RuleFileName, yaml: RuleText })

/** Rules: those in force, and their versions from a draft to the end. Whoever is frozen has no proposals left. */
export const ruleRoutes = defineRoutes({
  rules: {
    method: 'GET',
    path: '/rules',
    door: 'session',
    needs: 'rule.read',
    event: 'list',
    summary: 'The rule set in force, and files that could not be loaded',
    reply: z.object({
      version: z.string(),
      effective_from: z.iso.datetime(),
      rules: z.array(RuleSummary),
      problems: z.array(RuleProblem),
      tripped: z
        .array(z.object({ rule: z.string(), reason: z.string(), until: z.iso.datetime() }))
        .describe('rules that froze too many and only alert until then'),
    }),
  },
  ruleBacktest: {
    method: 'POST',
    path: '/rules/backtest',
    door: 'session',
    needs: 'rule.backtest',
    event: 'report',
    summary: 'What a rule, or a text that is to become one, would have said over the past, beside its version in force',
    body: BacktestQuery,
    reply: BacktestReply,
  },
  ruleWouldFreeze: {
    method: 'GET',
    path: '/rules/:id/would-freeze',
    door: 'session',
    needs: 'rule.read',
    event: 'list',
    summary: 'Whom a rule in shadow would have frozen in the last 30 days; the id is the name of the rule',
    params: IdParam,
    reply: pageOf(
      z.object({
        account: z.string(),
        account_name: z.string().optional(),
        times: z.number().int(),
        last: z.iso.datetime(),
        alert_id: z.string().describe('the last of its alerts'),
      }),
    ),
  },
  ruleFigures: {
    method: 'GET',
    path: '/rules/figures',
    door: 'session',
    needs: 'rule.read',
    event: 'list',
    summary: 'How often each rule fired in the last 30 days, and what people said of its alerts',
    reply: z.object({ days: z.array(z.iso.date()), items: z.array(RuleFigures) }),
  },
  ruleFiles: {
    method: 'GET',
    path: '/rules/files',
    door: 'session',
    needs: 'rule.read',
    event: 'list',
    summary: 'Every rule file that is kept: its version in force, and what waits for somebody',
    reply: z.object({ items: z.array(KeptRule) }),
  },
  ruleFile: {
    method: 'GET',
    path: '/rules/files/:id',
    door: 'session',
    needs: 'rule.read',
    event: 'view',
    summary: 'The newest fifty versions of a rule file, texts and backtests included, the newest first',
    params: NameParam,
    reply: z.object({ name: z.string(), versions: z.array(RuleVersion) }),
  },
  ruleCheck: {
    method: 'POST',
    path: '/rules/check',
    door: 'session',
    needs: 'rule.read',
    event: 'view',
    summary: 'What is wrong with a text, with lines, and what it would change; nothing is kept',
    body: Text,
    reply: RuleCheck,
  },
  ruleTest: {
    method: 'POST',
    path: '/rules/test',
    door: 'session',
    needs: 'rule.read',
    event: 'view',
    summary: 'Runs cases against a text among the rules in force; nothing is kept',
    body: Text.extend({ cases: RuleText }),
    reply: z.object({ results: z.array(RuleTestResult) }),
  },
  ruleEdit: {
    method: 'POST',
    path: '/rules/files/:id/versions',
    door: 'session',
    needs: 'rule.edit',
    event: 'rule_change',
    summary:
      'Keep a draft: of a new rule, or after the version that it was made from; one’s own newest draft is replaced',
    params: NameParam,
    body: z.object({
      yaml: RuleText,
      cases: RuleText.optional(),
      reason: Reason,
      base: z.number().int().min(1).optional().describe('the version that was edited; absent: the rule is new'),
      replaces: z.iso
        .datetime()
        .nullable()
        .optional()
        .describe(
          'when the draft of one’s own that this one replaces was saved; null: there was none; another one since is a conflict',
        ),
    }),
    reply: RuleVersion,
  },
  ruleTry: {
    method: 'POST',
    path: '/rules/files/:id/versions/:number/backtest',
    door: 'session',
    needs: 'rule.backtest',
    event: 'rule_change',
    summary: 'Backtest everything that a version would change, and keep the result with it',
    params: VersionParam,
    body: z.object({ days: z.number().int().min(TRIAL_DAYS).max(400) }),
    reply: RuleVersion,
  },
  rulePropose: {
    method: 'POST',
    path: '/rules/files/:id/versions/:number/propose',
    door: 'session',
    needs: 'rule.edit',
    event: 'rule_change',
    stepUp: true,
    summary: 'Propose one’s own draft, with a passing backtest; what neither freezes nor holds goes live with it',
    params: VersionParam,
    body: z.object({ reason: Reason }),
    reply: RuleVersion,
  },
  ruleApprove: {
    method: 'POST',
    path: '/rules/files/:id/versions/:number/approve',
    door: 'session',
    needs: 'rule.approve',
    event: 'rule_change',
    stepUp: true,
    summary:
      'Put somebody else’s proposal into force; one that came as a file and freezes or holds is proposed by the first who approves it, and put into force by another',
    params: VersionParam,
    body: z.object({ reason: Reason }),
    reply: RuleVersion,
  },
  ruleApproveEach: {
    method: 'POST',
    path: '/rules/approve',
    door: 'session',
    needs: 'rule.approve',
    event: 'rule_change',
    stepUp: true,
    summary:
      'Put several proposals of others into force, as after an upgrade: each by itself with an event of its own, one that is refused holds no other up; the set is published once',
    body: z.object({
      versions: z
        .array(z.object({ name: RuleFileName, number: z.number().int().min(1) }))
        .min(1)
        .max(200),
      reason: Reason,
    }),
    reply: z.object({ items: z.array(RuleDecision) }),
  },
  ruleReject: {
    method: 'POST',
    path: '/rules/files/:id/versions/:number/reject',
    door: 'session',
    needs: 'rule.edit',
    event: 'rule_change',
    summary: 'End a draft of one’s own, or a proposal',
    params: VersionParam,
    body: z.object({ reason: Reason }),
    reply: RuleVersion,
  },
  ruleRollback: {
    method: 'POST',
    path: '/rules/files/:id/versions/:number/rollback',
    door: 'session',
    needs: 'rule.edit',
    event: 'rule_change',
    stepUp: true,
    summary:
      'Go back to a version that was in force; proposed to a second person where the rule freezes or holds, or might see less by it',
    params: VersionParam,
    body: z.object({ reason: Reason }),
    reply: RuleVersion,
  },
})
