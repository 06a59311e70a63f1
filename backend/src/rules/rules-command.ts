import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { eq } from 'drizzle-orm'
import { EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { openRunningSystem } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment } from '../config.js'
import type { Queries } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { fileOf } from './file-names.js'
import { readFolder } from './folders.js'
import { Importer, type Offered } from './importer.js'
import { fromRecords } from './published.js'
import { RuleWorkshop } from './rule-workshop.js'

export const rulesExportFlags = { to: { type: 'string' } } as const
export const rulesImportFlags = { from: { type: 'string' } } as const

/** `custodia rules export`: the rules in force and their cases, as files that every other command of rules reads. */
export async function rulesExport(flags: string[]): Promise<void> {
  const { to } = parseArgs({ args: flags, options: rulesExportFlags }).values
  if (!to) throw new StartError('Say where to: --to and a folder that is empty, or not there yet.')
  const files = await fromRecords(readConfigFromEnvironment(), textsInForce)
  await writeFiles(to, files)
  process.stdout.write(`${files.size} files of the rules in force are in ${to}.\n`)
}

/** Each rule's text and its cases, by the name of the file. */
export async function textsInForce(tx: Queries): Promise<Map<string, string>> {
  const rows = await tx.select().from(ruleVersions).where(eq(ruleVersions.state, 'live'))
  return new Map(
    rows.flatMap(({ name, yaml, cases }) => [
      [fileOf(name), yaml] as const,
      ...(cases === null ? [] : [[`${name}.cases.yml`, cases] as const]),
    ]),
  )
}

/** Into an empty folder alone: what lay there before would look as if it were in force. */
export async function writeFiles(to: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(to, { recursive: true })
  if ((await readdir(to)).length)
    throw new StartError(`${to} is not empty: name a folder that is, or that is not there yet.`)
  for (const [name, text] of files) await writeFile(join(to, name), text, { flag: 'wx' })
}

/** `custodia rules import`: files become proposals, to be backtested and approved on the page like any other. */
export async function rulesImport(flags: string[]): Promise<void> {
  const { from } = parseArgs({ args: flags, options: rulesImportFlags }).values
  if (!from) throw new StartError('Say where from: --from and a folder of rule files.')
  const config = readConfigFromEnvironment()
  const found = await readFolder(from).catch((cause: unknown) => {
    throw new StartError(`${from} cannot be read: ${String(cause)}`, { cause })
  })
  if (!found.length) throw new StartError(`There are no rule files in ${from}.`)
  const app = await openRunningSystem(config)
  const workshop = new RuleWorkshop()
  try {
    const importer = new Importer(app.get(RECORD_STORE), app.get(EVENT_LOG), config, app.get(CaptureService), workshop)
    tell(await importer.offer(found))
  } finally {
    workshop.close()
    await app.close()
  }
}

function tell({ offered, known, refused }: Offered): void {
  for (const { file, problem } of refused) process.stderr.write(`${file}: ${problem}\n`)
  process.stdout.write(
    `${offered.length} offered${offered.length ? ` (${offered.join(', ')}): backtest and approve them on the page Rules` : ''}, ` +
      `${known} known already, ${refused.length} refused.\n`,
  )
  if (refused.length) process.exitCode = 1
}
