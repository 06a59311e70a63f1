/** Thrown where SQL would not say exactly what the rule says. Whoever asked replays the events through the engine instead. */
export class Unsupported extends Error {}

/** What a statement says when it meets a row that it cannot judge exactly; see `replayIf`. */
const MARK = 'custodia needs a replay: '

/**
 * SQL of a condition that ends the statement where it holds: for what depends on the data and not on the rule. It may end
 * a statement that a filter would have spared; it never lets a wrong answer through. Always true otherwise.
 */
export const replayIf = (condition: string, reason: string): string => `throwIf(${condition}, '${MARK}${reason}') = 0`

/** Why a statement ended, when it ended by `replayIf`. Messages of other errors may quote the statement, and so the mark. */
export const replayReason = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== THROWN_IF) return undefined
  const at = error.message.indexOf(MARK)
  return at < 0 ? undefined : /^[^.:']*/.exec(error.message.slice(at + MARK.length))?.[0].trim()
}

/** ClickHouse's FUNCTION_THROW_IF_VALUE_IS_NON_ZERO */
const THROWN_IF = '395'
