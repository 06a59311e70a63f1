import { parseArgs } from 'node:util'
import { testRules } from '@custodia/streams/detection/cases'
import { DetectError, readCaseFilesAt, readRuleFilesAt } from '@custodia/streams/detection/detect'
import { shippedRulesDir } from '@custodia/streams/settings'
import { StartError } from './start-error.js'

const rules = { rules: { type: 'string', default: shippedRulesDir } } as const

/** Runs the cases that rules carry beside them; the exit code says whether all of them hold. */
export const rulesTest = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rules })
  const results = testRules(await read(values.rules, readRuleFilesAt), await read(values.rules, readCaseFilesAt))
  const failed = results.filter(({ problems }) => problems.length)
  for (const { file, name, problems } of failed)
    process.stderr.write(
      `${file}${name === undefined ? '' : `: ${name}`}\n${problems.map((one) => `  ${one}\n`).join('')}`,
    )
  process.stdout.write(`${results.length - failed.length} cases hold, ${failed.length} do not\n`)
  if (failed.length || !results.length) process.exitCode = 1
}

const read = async <T>(path: string, by: (path: string) => Promise<T>): Promise<T> => {
  try {
    return await by(path)
  } catch (cause) {
    throw new StartError(cause instanceof DetectError ? cause.message : `no rules at ${path}: ${String(cause)}`, {
      cause,
    })
  }
}
