/** Rules over files of events, without a server: what `custodia detect` and `custodia rules` run. */
export { fromFile, fromStream } from './chunks.js'
export { detect } from './detect.js'
export { DetectError } from './detect-error.js'
export type { Found } from './judge.js'
export type { DetectOptions } from './options.js'
export { readPlaceholders } from './placeholders.js'
export { readCaseFilesAt, readRuleFilesAt, type RuleSource } from './read-rules.js'
export { serveStdio } from './stdio.js'
