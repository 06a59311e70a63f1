import { z } from 'zod'
import { Severity } from './alert.js'

/** A rule file as the streams process found it. Keys and meaning: streams/src/detection/sigma. */
export const RuleFile = z.object({ file: z.string(), yaml: z.string() })
export type RuleFile = z.infer<typeof RuleFile>

/** Name of the one file among the rules' that is none: what `%name%` stands for in values with `expand`. */
export const PLACEHOLDERS = 'placeholders'

/** Why a file was not loaded, with its place. Other files keep running. */
export const RuleProblem = z.object({
  file: z.string(),
  line: z.number().int().optional(),
  reason: z.string(),
  reason_zh: z.string().optional().describe('the same in Chinese; absent in sets from before there was one'),
})
export type RuleProblem = z.infer<typeof RuleProblem>

/** What the dashboard shows of a loaded rule. */
export const RuleSummary = z.object({
  name: z.string(),
  title: z.string(),
  version: z.string(),
  file: z.string(),
  severity: Severity,
  mode: z.enum(['off', 'shadow', 'live']),
  hold: z.boolean(),
  respond: z.array(z.string()),
  limit: z.number().optional().describe('so many pass, the one after fires'),
  at_least: z.number().optional().describe('fires from so many on'),
  window_seconds: z.number().int().optional(),
  group_by: z.array(z.string()),
})
export type RuleSummary = z.infer<typeof RuleSummary>

/** What a rule in force tells the people who judge its alerts. */
export const RuleAdvice = z.object({
  file: z.string().describe('the rule file, as pages know it'),
  runbook: z.object({ en: z.string(), zh: z.string().optional() }).optional(),
  clauses: z.array(z.string()).describe('what the rule serves: articles, requirements, techniques'),
})
export type RuleAdvice = z.infer<typeof RuleAdvice>

/** The `rule-sets` topic: one set for all partitions, in force for events appended at or after `effective_from`. */
export const RuleSet = z.object({
  version: z.string().describe('hash of the files'),
  effective_from: z.iso.datetime(),
  files: z.array(RuleFile),
  rules: z.array(RuleSummary),
  problems: z.array(RuleProblem),
})
export type RuleSet = z.infer<typeof RuleSet>
