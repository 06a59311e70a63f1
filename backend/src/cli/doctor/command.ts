import { parseArgs } from 'node:util'
import { ConfigError, readConfigFromEnvironment, type Config } from '../../config.js'
import { backups } from './backups.js'
import { calendar } from './calendar.js'
import { clickhouse } from './clickhouse.js'
import { dataDirectory, memory } from './data-directory.js'
import { gateway } from './gateway.js'
import { detection } from './detection.js'
import { findingsOf, type Check, type Finding } from './finding.js'
import { kafka } from './kafka.js'
import { keysFile } from './keys-file.js'
import { keyTable, markdownTable } from './keys-table.js'
import { photos } from './photos.js'
import { postgres } from './postgres.js'
import { reportOf } from './report.js'
import { rules } from './rules.js'
import { secondPersons } from './second-persons.js'
import { web } from './web.js'

/** Longest wait for one check; they run side by side. */
const boundMs = 10_000

export const doctorFlags = {
  json: { type: 'boolean' },
  keys: { type: 'boolean' },
  markdown: { type: 'boolean' },
} as const

/** Prints one line for each finding; exit code 1 when one of them is a failure. */
export async function doctorCommand(flags: string[]): Promise<void> {
  const { values } = parseArgs({ args: flags, options: doctorFlags })
  if (values.keys) return void process.stdout.write(values.markdown ? markdownTable() : keyTable())
  const findings = await examine()
  process.stdout.write(values.json ? `${JSON.stringify(findings, undefined, 2)}\n` : reportOf(findings))
  // What waits for a server that does not answer must not keep us here.
  process.exit(findings.some(({ state }) => state === 'fail') ? 1 : 0)
}

async function examine(): Promise<Finding[]> {
  try {
    return await diagnose(readConfigFromEnvironment())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const todo = 'correct it; `custodia doctor --keys` explains every key'
    return error.problems.map((found) => ({ check: 'configuration', state: 'fail', found, todo }))
  }
}

/** Every check, in the order in which a request meets what they examine. Nothing of what is found can stop another. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const found = await Promise.all(checksOf(config).map((check) => findingsOf(check, boundMs)))
  return found.flat()
}

const checksOf = (config: Config): Check[] => [
  dataDirectory(config),
  memory(),
  keysFile(config),
  web(config),
  postgres(config),
  kafka(config),
  clickhouse(config),
  photos(config),
  rules(config),
  detection(config),
  calendar(config),
  secondPersons(config),
  backups(config),
  gateway(config),
]
