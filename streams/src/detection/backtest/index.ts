export { backtest, type BacktestAsked, BacktestRefused, type BacktestReport } from './compare.js'
export type { PastAlert } from './reading.js'
export type { BacktestSummary } from './summarise.js'
export { BacktestTooLarge } from './too-large.js'
