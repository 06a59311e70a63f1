import type { RuleProblem } from '@custodia/contracts'
import type { Said } from './said.js'

/** Why a rule cannot be used, with the line of the document that says so. Everything the loader reports is one of these. */
export class RuleError extends Error {
  constructor(
    readonly said: Said,
    readonly line?: number,
    /** what else is wrong with the same document */
    private readonly beside: readonly RuleError[] = [],
  ) {
    super(said.en)
    this.name = 'RuleError'
  }

  get all(): readonly RuleError[] {
    return [this, ...this.beside]
  }
}

/** Several as one, in the order of their lines, each once. */
export const asOne = (errors: readonly RuleError[]): RuleError => {
  const each = errors.flatMap(({ all }) => all)
  const different = [...new Map(each.map((error) => [`${error.line} ${error.message}`, error])).values()]
  const [first, ...others] = different.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) as [RuleError, ...RuleError[]]
  return new RuleError(first.said, first.line, others)
}

/** Does all of it. What goes wrong anywhere in it is told at once, so that an author need not come back for each. */
export const together = <const T extends readonly unknown[]>(...works: { [K in keyof T]: () => T[K] }): T => {
  const errors: RuleError[] = []
  const done = works.map((work) => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      errors.push(error)
    }
  })
  if (errors.length) throw asOne(errors)
  return done as unknown as T
}

/** As it is reported: with its file, and its line where one is known. */
export const problemIn = (file: string, said: Said, line?: number): RuleProblem => ({
  file,
  ...(line !== undefined && { line }),
  reason: said.en,
  reason_zh: said.zh,
})

/** Runs `work`; errors of it that know no line get this one. */
export const atLine = <T>(line: number | undefined, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    throw asOne(error.all.map((one) => (one.line === undefined ? new RuleError(one.said, line) : one)))
  }
}
