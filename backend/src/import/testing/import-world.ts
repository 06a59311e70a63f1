import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessEvent, Role } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { parse } from 'csv-parse/sync'
import { EVENT_LOG, KEY_PROVIDER, PHOTO_STORE, RECORD_STORE } from '../../adapters.js'
import { CaptureService } from '../../capture/capture.service.js'
import { newAccount, type Account } from '../../identity/account.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'
import { anIdNumber } from '../../vault/testing/requests.js'
import { VaultWriter } from '../../vault/vault-writer.js'
import { Importer, type ImporterParts, type ImportResult } from '../importer.js'
import { readOptions } from '../options.js'

export type Cells = Record<string, string>
export interface ReportRow {
  row: string
  status: string
  code: string
  column: string
  file: string
}
export interface ImportWorld extends Pick<Rooms, 'app' | 'records' | 'events'> {
  admin: Account
  clerk: Account
  /** a new, empty folder for a table and its photos */
  folder(): Promise<string>
  /** runs it in this process; `over` stands in for a part of the system */
  run(flags: string[], over?: Partial<ImporterParts>, signal?: AbortSignal): Promise<ImportResult>
  stop(): Promise<void>
}

/** The vault with an administrator and a clerk, and an importer on it. */
export async function startImportWorld(): Promise<ImportWorld> {
  const rooms = await startRooms()
  const { app, records } = rooms
  const base = await mkdtemp(join(tmpdir(), 'custodia-import-'))
  const admin = await person(records, 'admin')
  const clerk = await person(records, 'staff')
  let made = 0
  return {
    ...rooms,
    admin,
    clerk,
    folder: async () => {
      const folder = join(base, String(made++))
      await mkdir(folder)
      return folder
    },
    run: async (flags, over = {}, signal = new AbortController().signal) => {
      const parts = {
        store: app.get<RecordStore>(RECORD_STORE),
        log: app.get<EventLog>(EVENT_LOG),
        keys: app.get<ImporterParts['keys']>(KEY_PROVIDER),
        vault: new VaultWriter(app.get(RECORD_STORE), app.get(PHOTO_STORE), app.get(KEY_PROVIDER)),
        capture: app.get(CaptureService),
        timeZone: 'Asia/Shanghai',
      }
      const hooks = { begin: () => undefined, row: () => undefined, signal }
      return new Importer({ ...parts, ...over }).run(readOptions(flags), hooks)
    },
    stop: async () => {
      await rooms.stop()
      await rm(base, { recursive: true, force: true })
    },
  }
}

export async function person({ db }: RecordStore, role: Role, username = `import-${role}`): Promise<Account> {
  const over = { team: 'loans', branch: 'shanghai', passwordHash: 'none' }
  const account = newAccount({ username, displayName: role, role, ...over })
  await db.insert(accounts).values(account)
  return account
}

/** Flags that every import has. */
export const flagsFor = (folder: string, ...more: string[]): string[] => [
  ...['--file', join(folder, 'customers.csv'), '--consent', 'paper form 2026', '--consent-given', '2026-01-05'],
  ...['--purposes', 'identity_check,contract', '--as', 'import-admin', '--owner', 'import-staff', ...more],
]

/** A row that is right; what the test is about on top. */
export const aRow = (over: Cells = {}): Cells => ({
  姓名: '王小明',
  身份证号: anIdNumber(),
  手机号: '13800001111',
  业务类型: '车贷',
  ...over,
})

export const tableOf = (rows: readonly Cells[]): string => {
  const headers = [...new Set(rows.flatMap(Object.keys))]
  const lines = [headers, ...rows.map((row) => headers.map((header) => row[header] ?? ''))]
  return lines.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')
}

export async function writeTable(folder: string, rows: readonly Cells[]): Promise<void> {
  await writeFile(join(folder, 'customers.csv'), tableOf(rows))
}

export async function reportOf(folder: string, kind: 'dry-run' | 'import' = 'import'): Promise<ReportRow[]> {
  const text = await readFile(join(folder, `customers.csv.${kind}.csv`))
  return parse(text, { columns: true, bom: true })
}

/** What happened to each row, in short: `2 imported`, `3 refused missing_value`. */
export const shortReportOf = async (folder: string, kind?: 'dry-run' | 'import'): Promise<string[]> =>
  (await reportOf(folder, kind)).map(({ row, status, code, column, file }) =>
    [row, status, code, column, file].filter(Boolean).join(' '),
  )

export const eventsOf = (events: readonly AccessEvent[], action: AccessEvent['action'], since = 0): AccessEvent[] =>
  events.slice(since).filter((event) => event.action === action)
