/** Rules over files of events, without a server: what `custodia detect` and `custodia rules` run. */
export { detect, type DetectOptions } from './detect.js'
export { DetectError } from './detect-error.js'
export type { Found } from './judge.js'
export { readPlaceholders } from './placeholders.js'
export { loadEveryRule, readCaseFilesAt, readRuleFilesAt } from './read-rules.js'
export { serveStdio } from './stdio.js'
