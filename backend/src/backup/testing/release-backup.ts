import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AuditStore } from '@custodia/streams/audit-store'
import { z } from 'zod'

/** Backups that earlier versions made, one folder a version; see the README there. */
export const releasesDir = resolve(import.meta.dirname, '../../../src/backup/fixtures')

const Person = z.strictObject({ id: z.string(), username: z.string(), password: z.string(), totp_secret: z.string() })

/** What a release's backup must bring back. All of it is drawn, and its keys open nothing else. */
export const ReleaseBackup = z.strictObject({
  warning: z.string(),
  version: z.string(),
  /** the age identity that its owner would keep */
  identity: z.string(),
  clerk: Person,
  auditor: Person,
  customers: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      id_number: z.string(),
      photo: z.string(),
      photo_sha256: z.string(),
    }),
  ),
  /** file name → text */
  rules: z.record(z.string(), z.string()),
  /** `action outcome` → how many accesses */
  accesses: z.record(z.string(), z.number()),
})
export type ReleaseBackup = z.infer<typeof ReleaseBackup>

export const expectedFile = (version: string): string => join(releasesDir, version, 'expected.json')
export const targetFolder = (version: string): string => join(releasesDir, version, 'target')

export const readExpected = async (version: string): Promise<ReleaseBackup> =>
  ReleaseBackup.parse(JSON.parse(await readFile(expectedFile(version), 'utf8')))

/** How many accesses of each kind the audit store has. */
export async function accessesByKind(audit: AuditStore): Promise<Record<string, number>> {
  const rows = await audit.query<{ kind: string; n: number }>(
    `SELECT concat(action, ' ', outcome) AS kind, count() AS n FROM access_events GROUP BY kind ORDER BY kind`,
  )
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, Number(n)]))
}
