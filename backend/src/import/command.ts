import { EVENT_LOG, KEY_PROVIDER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { openRunningSystem } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment, type Config } from '../config.js'
import { VaultWriter } from '../vault/vault-writer.js'
import { ImportRefused } from './codes.js'
import { Importer, type ImportResult } from './importer.js'
import { importUsage, readOptions, type ImportOptions } from './options.js'
import { progressOn } from './progress.js'

/** Exit codes: all rows are in (or would be), some are not, it ended early. Refused as a whole is 1 like every error. */
const someRefused = 3
const endedEarly = 4

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** `custodia import`: whoever may run it can read the key file and so everything; it is open to nobody else. */
export async function importCommand(flags: string[]): Promise<void> {
  if (flags.includes('--help')) return say(importUsage)
  try {
    process.exitCode = await importWith(readOptions(flags), readConfigFromEnvironment())
  } catch (error) {
    throw error instanceof ImportRefused ? new StartError(error.message, { cause: error }) : error
  }
}

async function importWith(options: ImportOptions, config: Config): Promise<number> {
  const app = await openRunningSystem(config)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const progress = progressOn(process.stderr)
  try {
    const result = await new Importer({
      store: app.get(RECORD_STORE),
      log: app.get(EVENT_LOG),
      keys: app.get(KEY_PROVIDER),
      vault: new VaultWriter(app.get(RECORD_STORE), app.get(PHOTO_STORE), app.get(KEY_PROVIDER)),
      capture: app.get(CaptureService),
      timeZone: config.timeZone,
    })
      .run(options, {
        signal: stop.signal,
        begin: ({ rows, encoding, ignored }) => {
          say(`${options.apply ? 'Importing' : 'Checking'} ${rows} rows, read as ${encoding.toUpperCase()}.`)
          if (ignored.length) say(`Columns that are not used: ${ignored.join(', ')}`)
          progress.begin(rows)
        },
        row: () => progress.step(),
      })
      .finally(() => progress.end())
    return sum(options, result)
  } finally {
    await app.close()
  }
}

function sum({ apply, report }: ImportOptions, { id, counts, stopped }: ImportResult): number {
  const rows = counts.statuses().map(([status, n]) => `${n} ${status.replace('_', ' ')}`)
  say(`\nImport ${id}: ${rows.join(', ') || 'no rows'}.`)
  for (const [code, n] of counts.reasons()) say(`  ${code.padEnd(24)} ${n}`)
  say(`What to do about each row: ${report} (contains no personal data of customers, but file names of photos)`)
  if (stopped) say('It ended before the last row: run the same command again, and it goes on where it ended.')
  else if (!apply) say('Nothing was changed: run the command again with --apply to import.')
  if (stopped) return endedEarly
  return counts.of('refused') + counts.of('failed') ? someRefused : 0
}
