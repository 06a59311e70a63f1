/** Why a rule cannot be used, with the line of the document that says so. Everything the loader reports is one of these. */
export class RuleError extends Error {
  constructor(
    readonly reason: string,
    readonly line?: number,
  ) {
    super(reason)
    this.name = 'RuleError'
  }
}

/** Runs `work`; an error of it that knows no line gets this one. */
export const atLine = <T>(line: number | undefined, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof RuleError && error.line === undefined) throw new RuleError(error.reason, line)
    throw error
  }
}
