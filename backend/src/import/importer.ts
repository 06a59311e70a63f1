import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { EventLog } from '@custodia/streams/event-log'
import type { CaptureService } from '../capture/capture.service.js'
import { actorFacts } from '../identity/account.js'
import { locks } from '../record-store/locks.js'
import type { RecordStore } from '../record-store/record-store.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import type { VaultWriter } from '../vault/vault-writer.js'
import { dateOf } from './check-row.js'
import type { Field } from './columns.js'
import { ImportRefused } from './codes.js'
import type { ImportOptions } from './options.js'
import { ImportPeople } from './people.js'
import { openPhotoFolder } from './photo-folder.js'
import { PhotoIndex } from './photo-index.js'
import { isFolder, type PhotoSource } from './photo-source.js'
import { openPhotoArchive } from './photo-zip.js'
import { prepareRows, type PreparedRow } from './prepare.js'
import { readCustomerFile, type CustomerFile } from './read-rows.js'
import { Report } from './report.js'
import { RowPlans } from './row-plan.js'
import { RowWriter, type Run } from './row-writer.js'
import { RowRunner } from './row-runner.js'
import { tally, type Tally } from './tally.js'

const largestTable = 200 * 1024 * 1024

export interface ImporterParts {
  store: RecordStore
  log: EventLog
  keys: KeyProvider
  vault: VaultWriter
  capture: CaptureService
  timeZone: string
}
export interface ImportHooks {
  /** what is about to be done, before the first row */
  begin(facts: { rows: number; encoding: string; ignored: string[] }): void
  row(): void
  /** aborted: stop behind the rows that are under way */
  signal: AbortSignal
}
export interface ImportResult {
  id: string
  counts: Tally
  /** why it ended before the last row */
  stopped?: 'asked' | 'could_not_store'
}

const zipMark = Buffer.from('PK\x03\x04', 'latin1')

/** Brings in a table of customers and their photos, row by row, or says what would happen. */
export class Importer {
  constructor(private readonly parts: ImporterParts) {}

  async run(options: ImportOptions, hooks: ImportHooks): Promise<ImportResult> {
    const now = new Date()
    const people = await ImportPeople.load(this.parts.store)
    const administrator = people.administrator(options.as, now)
    const { bytes, table } = await readTable(options)
    const photos = await openPhotos(options, table)
    try {
      const index = new PhotoIndex(photos.files)
      const ownerOf = (username: string) => people.owner(username)
      const rows = prepareRows(table.rows, { ...rulesOf(options, this.parts.timeZone), ownerOf, now }, index)
      const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
      const run: Run = { id, actor: actorFacts(administrator) }
      hooks.begin({ rows: rows.length, encoding: table.encoding, ignored: table.columns.ignored })
      const work = () => this.runRows(run, rows, index.unused(), options, hooks)
      return options.apply ? await this.alone(work) : await work()
    } finally {
      photos.close()
    }
  }

  private async runRows(
    run: Run,
    rows: PreparedRow[],
    unused: string[],
    options: ImportOptions,
    hooks: ImportHooks,
  ): Promise<ImportResult> {
    const { capture, vault, store, log, keys } = this.parts
    // Even the dry run learns who is a customer already: it is written down before it looks.
    const what = `import ${run.id}${options.apply ? '' : ' (dry run)'}`
    const writeDown = (reason: string) =>
      capture.append([capture.build('admin', 'granted', { ...run.actor, reason, count: rows.length })])
    await writeDown(`${what} began; consent: ${options.consent}`)

    const plans = new RowPlans(store, log, keys.hmacKey('import'))
    const writer = options.apply ? await RowWriter.begin(run, vault, capture, plans) : undefined
    await writer?.abandonOthers(rows.flatMap(({ checked }) => checked ?? []))
    const report = await Report.create(options.report)
    const counts = tally()
    const runner = new RowRunner({ run, vault, plans, writer, signal: hooks.signal })
    try {
      for await (const line of runner.lines(rows)) {
        counts.add(line)
        await report.add([line])
        hooks.row()
      }
      const extra = unused.map((file) => ({
        status: 'unused' as const,
        findings: [{ code: 'photo_unused' as const }],
        file,
      }))
      for (const line of extra) counts.add(line)
      await report.add(extra)
      await report.finish()
    } catch (error) {
      await report.discard()
      throw error
    }
    await writeDown(`${what} ended: ${counts.of('imported')} of ${rows.length} rows`).catch((error: unknown) => {
      if (!runner.stopped) throw error
    })
    return { id: run.id, counts, stopped: runner.stopped }
  }

  /** One import at a time, whichever machine it runs on. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.parts.store.session(async ({ query }) => {
      const [row] = await query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [locks.importing])
      if (!row?.got) throw new ImportRefused('Another import is running: wait until it has ended.')
      return work()
    })
  }
}

async function readTable(options: ImportOptions): Promise<{ bytes: Buffer; table: CustomerFile }> {
  const size = await stat(options.file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )
  if (size === undefined) throw new ImportRefused(`There is no file ${options.file}.`)
  if (size > largestTable) throw new ImportRefused('The table is over 200 MB: import it in several parts.')
  const bytes = await readFile(options.file)
  if (bytes.subarray(0, 4).equals(zipMark))
    throw new ImportRefused(
      `${options.file} is a zip archive or a workbook, not a table: save the workbook as "CSV UTF-8"; photos in an archive are named with --photos.`,
    )
  const required: Field[] = ['name', 'id_number']
  if (options['business-type'] === undefined) required.push('business_type')
  if (options.owner === undefined) required.push('owner')
  return { bytes, table: readCustomerFile(bytes, { encoding: options.encoding, map: options.map, required }) }
}

async function openPhotos({ photos }: ImportOptions, { columns, rows }: CustomerFile): Promise<PhotoSource> {
  if (photos !== undefined) return (await isFolder(photos)) ? openPhotoFolder(photos) : openPhotoArchive(photos)
  const named = (['id_front', 'id_back', 'face', 'document'] as const).find((kind) =>
    rows.some(({ values }) => values[kind] !== undefined),
  )
  if (named)
    throw new ImportRefused(`The column ${columns.headerOf[named]} names photos: say where they are with --photos.`)
  return { files: [], close: () => undefined }
}

function rulesOf(options: ImportOptions, timeZone: string) {
  const given = options['consent-given']
  if (given !== undefined && !dateOf(given, timeZone))
    throw new ImportRefused('--consent-given is not a date: 2026-03-31.')
  return {
    consent: {
      source: options.consent,
      given,
      way: options['consent-way'],
      purposes: options.purposes,
      informationTypes: options['consent-types'],
    },
    businessType: options['business-type'],
    owner: options.owner,
    timeZone,
  }
}
