import { parseArgs } from 'node:util'
import { testRules } from '@custodia/streams/detection/cases'
import { DetectError, loadEveryRule, readCaseFilesAt, readRuleFilesAt } from '@custodia/streams/detection/detect'
import { accessHistory, documentHistory, toSql } from '@custodia/streams/detection/sql'
import { shippedRulesDir } from '@custodia/streams/settings'
import { StartError } from './start-error.js'

export const rulesTestFlags = { rules: { type: 'string', default: shippedRulesDir } } as const
export const rulesConvertFlags = { ...rulesTestFlags, table: { type: 'string' } } as const

/** Runs the cases that rules carry beside them; the exit code says whether all of them hold. */
export const rulesTest = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rulesTestFlags })
  const results = testRules(await read(values.rules, readRuleFilesAt), await read(values.rules, readCaseFilesAt))
  const failed = results.filter(({ problems }) => problems.length)
  for (const { file, name, problems } of failed)
    process.stderr.write(
      `${file}${name === undefined ? '' : `: ${name}`}\n${problems.map((one) => `  ${one}\n`).join('')}`,
    )
  process.stdout.write(`${results.length - failed.length} cases hold, ${failed.length} do not\n`)
  if (failed.length || !results.length) process.exitCode = 1
}

/** Prints the statement of each rule that alerts; a rule that SQL cannot say exactly is named, and the exit code tells. */
export const rulesConvert = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rulesConvertFlags })
  if (values.table !== undefined && !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(values.table))
    throw new StartError('`--table` is the name of a table, like `events` or `logs.events`')
  const history = values.table === undefined ? accessHistory : documentHistory(values.table)
  const loaded = await read(values.rules, async (path) => loadEveryRule({ files: await readRuleFilesAt(path) }))
  for (const rule of loaded.filter(({ alerts }) => alerts)) {
    const statement = toSql(rule, loaded, history)
    if ('unsupported' in statement) {
      process.stderr.write(`${rule.file}: ${rule.name}: ${statement.unsupported}\n`)
      process.exitCode = 1
    } else process.stdout.write(`-- ${rule.name}: ${rule.title}\n${statement.sql};\n\n`)
  }
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
