import { parseArgs } from 'node:util'
import { notesOf, placeOf, testRules } from '@custodia/streams/detection/cases'
import { DetectError, loadEveryRule, readCaseFilesAt, readRuleFilesAt } from '@custodia/streams/detection/detect'
import { accessHistory, countsTooFar, documentHistory, toSql } from '@custodia/streams/detection/sql'
import { accessEvents } from '@custodia/streams/detection'
import { shippedRulesDir } from '@custodia/streams/settings'
import { StartError } from './start-error.js'

export const rulesTestFlags = { rules: { type: 'string', default: shippedRulesDir } } as const
export const rulesConvertFlags = { ...rulesTestFlags, table: { type: 'string' } } as const

/** Runs the cases that rules carry beside them; the exit code says whether all of them hold. */
export const rulesTest = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rulesTestFlags })
  const rules = await read(values.rules, readRuleFilesAt)
  const results = testRules(rules, await read(values.rules, readCaseFilesAt))
  for (const { place, note } of notesOf(rules)) process.stderr.write(`${place}: note: ${note}\n`)
  const failed = results.filter(({ problems }) => problems.length)
  for (const { file, name, problems } of failed)
    process.stderr.write(
      `${problems[0] ? placeOf(problems[0]) : file}${name === undefined ? '' : `: ${name}`}\n${problems.map(({ reason }) => `  ${reason}\n`).join('')}`,
    )
  process.stdout.write(`${results.length - failed.length} cases hold, ${failed.length} do not\n`)
  if (failed.length || !results.length) process.exitCode = 1
}

/** Prints the statement of each rule that alerts, or as a comment why SQL cannot say it exactly and it is replayed instead. */
export const rulesConvert = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rulesConvertFlags })
  if (values.table !== undefined && !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(values.table))
    throw new StartError('`--table` is the name of a table, like `events` or `logs.events`')
  const history = values.table === undefined ? accessHistory : documentHistory(values.table)
  const known = values.table === undefined ? { events: accessEvents } : {}
  const loaded = await read(values.rules, async (path) => loadEveryRule({ files: await readRuleFilesAt(path) }, known))
  for (const rule of loaded.filter(({ alerts }) => alerts)) {
    const statement = toSql(rule, loaded, history)
    const said =
      'unsupported' in statement ? `-- replayed by the engine: ${statement.unsupported}` : `${statement.sql};`
    const notes = 'unsupported' in statement ? [] : countsTooFar(rule, loaded).map(tooFarNote)
    process.stdout.write(`${[`-- ${rule.name}: ${inOneLine(rule.title)}`, ...notes, said].join('\n')}\n\n`)
  }
}

const inOneLine = (text: string): string => text.replaceAll(/\s/g, ' ')

const tooFarNote = (why: string): string =>
  `-- this statement never gives a row: ${why}, and where a window would have more it ends with an error; the running system refuses this rule`

const read = async <T>(path: string, by: (path: string) => Promise<T>): Promise<T> => {
  try {
    return await by(path)
  } catch (cause) {
    throw new StartError(cause instanceof DetectError ? cause.message : `no rules at ${path}: ${String(cause)}`, {
      cause,
    })
  }
}
