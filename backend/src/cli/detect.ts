import { open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import {
  detect,
  DetectError,
  fromFile,
  fromStream,
  readPlaceholders,
  readRuleFilesAt,
  serveStdio,
} from '@custodia/streams/detection/detect'
import { StartError } from './start-error.js'

const help = `usage: custodia detect --rules <file|dir> --events <file.ndjson|-> [options]
       custodia detect --stdio

Runs Sigma rules over events, one JSON object a line, and prints one JSON object a firing. Needs no server and no data.

  --rules <file|dir>     a rule file, or a folder: every *.yml below it
  --events <file|->      the events; - reads standard input
  --firings alerts|all   alerts (default): the first firing of a group, then none until the rule's suppression has passed
                         (custodia.suppress, by default its timespan); all: every firing
  --id-field <name>      the field with an event's id (default: id, and the line's number where there is none)
  --time-field <name>    the field with an event's time (default: time)
  --reorder <n>          how many newer events may come before one (default 10000; 0: the events are in order)
  --threads <n>          how many threads to use; the result is the same (default: as many as help)
  --placeholders <file>  YAML or JSON: what %name% stands for in values with \`expand\`
  --stdio                answers JSON requests on standard input until it ends
`

export const detectFlags = {
  rules: { type: 'string' },
  events: { type: 'string' },
  firings: { type: 'string', default: 'alerts' },
  'id-field': { type: 'string' },
  'time-field': { type: 'string', default: 'time' },
  reorder: { type: 'string', default: '10000' },
  placeholders: { type: 'string' },
  threads: { type: 'string' },
  stdio: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Rules over a file of events. Whoever reads the output may stop early, like `head` does. */
export const detectCommand = async (flags: string[]): Promise<void> => {
  const { values } = parseArgs({ args: flags, options: detectFlags })
  if (values.help) return void process.stdout.write(help)
  if (values.stdio) return serveStdio(process.stdin, process.stdout)
  if (values.rules === undefined || values.events === undefined)
    throw new StartError('`custodia detect` needs `--rules` and `--events`; `--help` tells all options')
  const firings = (['alerts', 'all'] as const).find((one) => one === values.firings)
  if (!firings) throw new StartError('`--firings` is `alerts` or `all`')
  if (!/^\d{1,9}$/.test(values.reorder)) throw new StartError('`--reorder` is a number of events')
  if (values.threads !== undefined && !/^[1-9]\d?$/.test(values.threads))
    throw new StartError('`--threads` is a number from 1 to 99')
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    const placeholders = values.placeholders === undefined ? {} : await readPlaceholders(values.placeholders)
    const rules = { files: await readRuleFilesAt(values.rules), placeholders }
    const file = values.events === '-' ? undefined : await open(values.events)
    if ((await file?.stat())?.isDirectory())
      throw new StartError(`the events cannot be read: ${values.events} is a directory`)
    const options = {
      firings,
      idField: values['id-field'],
      timeField: values['time-field'],
      reorder: Number(values.reorder),
      readers: (values.threads === undefined ? Math.min(availableParallelism(), 8) : Number(values.threads)) - 1,
    }
    for await (const found of detect(rules, file ? fromFile(file) : fromStream(process.stdin), options))
      await print(found)
    await file?.close()
  } catch (error) {
    if (error instanceof DetectError) throw new StartError(error.message, { cause: error })
    if (error instanceof Error && 'syscall' in error)
      throw new StartError(`the events cannot be read: ${error.message}`, { cause: error })
    throw error
  }
}

/** Waits while whoever reads is slower than we are. */
const print = async (lines: readonly unknown[]): Promise<void> => {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
