export { readLog } from './read-log.js'
export type { RawRecord } from './read-log.js'
export { FIRST_PREV, hashOf, verifyWriterChains } from './writer-chain.js'
export type { ChainProblem, ChainReport } from './writer-chain.js'
