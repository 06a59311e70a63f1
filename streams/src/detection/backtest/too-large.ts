/** A backtest that asks for more than it is given: time, memory or alerts. The message says what to do. */
export class BacktestTooLarge extends Error {}

export const tooManyAlerts = (most: number): BacktestTooLarge =>
  new BacktestTooLarge(`it gives more than ${most} alerts: take a shorter period`)

/** What ClickHouse says when a bound of the statement is reached: too slow, too slow to begin with, too much memory, rows. */
const BOUNDS = new Set(['159', '160', '241', '158', '307', '396'])

/** Whether a statement reached a bound of its own. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && BOUNDS.has(String(error.code))

/** The same error, or in our words when it is about a bound. */
export const inOurWords = (error: unknown): unknown => {
  const slow = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
  if (!isTooMuch(error) && !slow) return error
  return new BacktestTooLarge('it took longer, or more memory, than a backtest is given: take a shorter period')
}
