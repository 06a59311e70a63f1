/** Thrown where SQL would not say exactly what the rule says. Whoever asked replays the events through the engine instead. */
export class Unsupported extends Error {}

/** What a statement says when it meets a row that it cannot judge exactly; see `replayIf`. */
const MARK = 'custodia needs a replay: '

/**
 * SQL of a condition that ends the statement where it holds: for what depends on the data and not on the rule. It may end
 * a statement that a filter would have spared; it never lets a wrong answer through. Always true otherwise.
 */
export const replayIf = (condition: string, reason: string): string => `throwIf(${condition}, '${MARK}${reason}') = 0`

/** Why a statement ended, when it ended by `replayIf`. */
export const replayReason = (error: unknown): string | undefined => {
  const text = error instanceof Error ? error.message : ''
  const at = text.indexOf(MARK)
  return at < 0 ? undefined : /^[^.:']*/.exec(text.slice(at + MARK.length))?.[0].trim()
}
