import type { RuleProblem } from '@custodia/contracts'
import type { Said } from './said.js'

/** Why a rule cannot be used, with the line of the document that says so. Everything the loader reports is one of these. */
export class RuleError extends Error {
  constructor(
    readonly said: Said,
    readonly line?: number,
  ) {
    super(said.en)
    this.name = 'RuleError'
  }
}

/** As it is reported: with its file, and its line where one is known. */
export const problemIn = (file: string, said: Said, line?: number): RuleProblem => ({
  file,
  ...(line !== undefined && { line }),
  reason: said.en,
  reason_zh: said.zh,
})

/** Runs `work`; an error of it that knows no line gets this one. */
export const atLine = <T>(line: number | undefined, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof RuleError && error.line === undefined) throw new RuleError(error.said, line)
    throw error
  }
}
