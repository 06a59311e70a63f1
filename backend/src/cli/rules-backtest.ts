import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readRuleFilesAt } from '@custodia/streams/detection/detect'
import { backtest, BacktestRefused, type BacktestReport, BacktestTooLarge } from '@custodia/streams/detection/backtest'
import { openAuditStore, openEventLog } from '../adapters.module.js'
import { readConfigFromEnvironment } from '../config.js'
import { settlesWithinMs } from '../rules/backtest.service.js'
import { publishedFiles } from '../rules/published.js'
import { isSettledWithin } from '../rules/settled.js'
import { requireInstallation } from './running-system.js'
import { StartError } from './start-error.js'

const help = `usage: custodia rules backtest --rule <name> | --file <rule.yml> [options]

Says what a rule would have alerted over the past, out of the audit store of the running system, beside its version in
force. Nothing is alerted and nobody is frozen.

  --rule <name>     a rule in force, by its name or id; with --file, which of the file's rules
  --file <file>     a rule file that is not in force yet
  --rules <dir>     rule files that stand for what is in force; by default what the running system has published
  --days <n>        the last so many days (default 30)
  --from, --to      or a period: ISO 8601 with a time zone, like 2026-03-01T00:00:00Z
  --seconds <n>     how long it may take (default 60)
  --json            the whole answer as JSON
`

export const rulesBacktestFlags = {
  rule: { type: 'string' },
  file: { type: 'string' },
  rules: { type: 'string' },
  days: { type: 'string', default: '30' },
  from: { type: 'string' },
  to: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const number = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new StartError(`\`--${name}\` is a number from 1 to 9999`)
  return Number(text)
}

const instant = (name: string, text: string): number => {
  const time = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw new StartError(`\`--${name}\` is a time with its zone, like 2026-03-01T00:00:00Z`)
  return time
}

/** For whoever may read the configuration, and so the audit store: it is open to nobody else, and writes nothing. */
export const rulesBacktest = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: rulesBacktestFlags })
  if (values.help) return void process.stdout.write(help)
  if (values.rule === undefined && values.file === undefined)
    throw new StartError('`custodia rules backtest` needs `--rule` or `--file`; `--help` tells all options')
  const to = values.to === undefined ? Date.now() : instant('to', values.to)
  const from = values.from === undefined ? to - number('days', values.days) * 86_400_000 : instant('from', values.from)
  if (from >= to) throw new StartError('the period ends before it begins')
  const yaml = values.file === undefined ? undefined : await readFile(values.file, 'utf8').catch(cannotRead)
  const config = readConfigFromEnvironment()
  requireInstallation(config)
  const store = openAuditStore(config, 'reader')
  const log = await openEventLog(config)
  const bounds = { seconds: number('seconds', values.seconds), alerts: 100_000 }
  try {
    const asked = { from, to, ...(values.rule && { rule: values.rule }), ...(yaml !== undefined && { yaml }) }
    const files = values.rules === undefined ? await publishedFiles(config) : await readRuleFilesAt(values.rules)
    const settled = await isSettledWithin(log, settlesWithinMs)
    const report = await backtest(asked, files, {
      store,
      clock: () => performance.now(),
      bounds,
      timeZone: config.timeZone,
    })
    process.stdout.write(
      values.json ? `${JSON.stringify({ ...report, rule: report.rule.name, settled })}\n` : inWords(report, settled),
    )
  } catch (error) {
    const ours = error instanceof BacktestTooLarge || error instanceof BacktestRefused
    throw ours ? new StartError(`no backtest: ${error.message}`, { cause: error }) : error
  } finally {
    await Promise.all([store.close(), log.close()])
  }
}

const cannotRead = (cause: Error): never => {
  throw new StartError(`the rule cannot be read: ${cause.message}`, { cause })
}

const inWords = (
  { rule, live, by, why, cost, examples, passedOver, ...found }: BacktestReport,
  settled: boolean,
): string => {
  const counts = (one: { alerts: number; freezes: number; people: number }): string =>
    `${one.alerts} alerts, ${one.freezes} freezes, ${one.people} people`
  const lines = [
    `${rule.name} (${rule.version}): ${counts(found)}`,
    live === undefined
      ? 'no version of it is in force'
      : live.same
        ? 'this is the version in force'
        : `in force (${live.version}): ${counts(live.summary)}; ${live.onlyHere} alerts only here, ${live.onlyLive} only there`,
    by === 'sql' ? 'by SQL' : `replayed through the engine: ${why}`,
    ...(passedOver ? [`${passedOver} events came too late for it, and are counted nowhere`] : []),
    ...(settled ? [] : ['what came last was not judged and landed yet: it is not told for certain']),
    `${cost.rows} rows and ${cost.bytes} bytes read in ${cost.ms} ms`,
    ...examples.map(
      ({ at, group, value, event_id }) =>
        `  ${new Date(at).toISOString()}  ${Object.values(group).join(', ') || '-'}  ${value}  ${event_id}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
