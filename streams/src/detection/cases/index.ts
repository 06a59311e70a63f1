/** Cases that a rule carries beside it, run through the very stages that judge the stream. */
export { readRuleCases, type RuleCase } from './rule-cases.js'
export { differences } from './run-cases.js'
export { notesOf, placeOf, testRules, type CaseResult } from './test-rules.js'
export { InMemoryRun, type Decisions, type TimedEvent } from './in-memory-run.js'
