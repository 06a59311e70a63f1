/** A backtest that asks for more than it is given: time, memory or alerts. The message says what to do. */
export class BacktestTooLarge extends Error {}

/** What ClickHouse says when a bound of the statement is reached: too slow, too slow to begin with, too much memory, rows. */
const BOUNDS = new Set(['159', '160', '241', '158', '307', '396'])

/** The same error, or in our words when it is about a bound. */
export const inOurWords = (error: unknown): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const slow = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
  if (!BOUNDS.has(code) && !slow) return error
  return new BacktestTooLarge('it took longer, or more memory, than a backtest is given: take a shorter period')
}
