/** The Sigma language: files in, compiled rules and problems out. No clock, no I/O. */
export type { Expression } from './expression.js'
export { fieldValues } from './fields.js'
export { coversLogsource } from './head.js'
export { type LoadedRules, type LoadOptions, loadRules } from './load-rules.js'
export type {
  Comparison,
  CorrelationRule,
  CorrelationType,
  CustodiaKeys,
  DetectionRule,
  Rule,
  RuleEvent,
} from './rule.js'
export { isPlaceholderFile } from './placeholder-file.js'
export { parseTimespan } from './timespan.js'
