import { timingSafeEqual } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { topicNames, type Topic } from '@custodia/contracts'
import { z } from 'zod'
import { macOf, type BackupKey } from './backup-key.js'
import { NotInTarget, type BackupTarget } from './backup-target.js'
import { DamagedPart, Part } from './parts.js'

const count = z.number().int().nonnegative()
const topic = z.enum(topicNames as [Topic, ...Topic[]])

/** Records of one partition of a topic, offsets `first` to `last`; of a compacted topic some are missing between. */
export const Segment = Part.extend({ first: count, last: count, appended_at: count.describe('of its last record') })
export type Segment = z.infer<typeof Segment>

/** What a backup holds. In the clear: names of tables and topics, counts and hashes; nobody and no values. */
export const Manifest = z.strictObject({
  format: z.literal('custodia-backup/1'),
  id: z.string(),
  made_at: z.iso.datetime(),
  version: z.string().describe('of Custodia, when it was made'),
  key: z.string().describe('recipient that the parts are encrypted to; `key.age` holds its identity, for the owner'),
  records: z.strictObject({
    schema: count.describe('time of the last migration'),
    tables: z.array(z.strictObject({ table: z.string(), columns: z.array(z.string()), part: Part })),
    sequences: z.array(z.strictObject({ sequence: z.string(), value: count })),
  }),
  log: z.strictObject({
    partitions: z.array(
      z.strictObject({ topic, partition: count, end: count, appended_at: count, segments: z.array(Segment) }),
    ),
    commits: z.array(z.strictObject({ group: z.string(), topic, partition: count, offset: count })),
  }),
  photos: z.strictObject({ index: Part, objects: count, bytes: count, lost: count }),
  keys: Part.optional().describe('the key file; absent where keys are kept elsewhere'),
  rules: Part.optional().describe('rule files of the house'),
})
export type Manifest = z.infer<typeof Manifest>

/** Written last: a backup without it was never verified. */
const Verified = z.strictObject({ verified_at: z.iso.datetime(), mac: z.string().regex(/^[0-9a-f]{64}$/) })

const folderOf = (id: string) => `backups/${id}`
export const objectOf = (id: string, name: string): string => `${folderOf(id)}/${name}`
const manifestName = (id: string) => objectOf(id, 'manifest.json')
const verifiedName = (id: string) => objectOf(id, 'verified.json')
export const ownerKeyName = (id: string): string => objectOf(id, 'key.age')

/** The time it was made, e.g. `2026-11-22T03-30-38-123Z`; ids sort by time. */
export const backupId = (at: Date): string => at.toISOString().replace(/[:.]/g, '-')
const idShape = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/
export const timeOf = (id: string): Date => new Date(id.replace(idShape, '$1T$2:$3:$4.$5Z'))

export async function writeManifest(target: BackupTarget, manifest: Manifest): Promise<void> {
  await target.put(manifestName(manifest.id), Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`))
}

/** Marks a backup that was read back and found whole. */
export async function markVerified(target: BackupTarget, key: BackupKey, id: string, at: Date): Promise<void> {
  const verified_at = at.toISOString()
  const mac = sign(key, await bytesIn(target, manifestName(id)), verified_at).toString('hex')
  await target.put(verifiedName(id), Buffer.from(`${JSON.stringify({ verified_at, mac })}\n`))
}

/**
 * The manifest, with the one of the keys that it was made under. Throws DamagedPart unless it is the one that was verified, by
 * somebody who had that key.
 */
export async function openBackup(target: BackupTarget, keys: readonly BackupKey[], id: string): Promise<OpenBackup> {
  const bytes = await ofBackup(target, manifestName(id), 'manifest.json')
  const verified = Verified.safeParse(parse(await ofBackup(target, verifiedName(id), 'verified.json')))
  if (!verified.success) throw new DamagedPart('verified.json', 'was altered or cut')
  const { verified_at, mac } = verified.data
  const key = keys.find((each) => timingSafeEqual(sign(each, bytes, verified_at), Buffer.from(mac, 'hex')))
  if (!key) throw new DamagedPart('manifest.json', 'is not the one that was verified')
  const manifest = Manifest.safeParse(parse(bytes))
  if (!manifest.success || manifest.data.id !== id)
    throw new DamagedPart('manifest.json', 'belongs to another backup, or to another version of Custodia')
  return { manifest: manifest.data, key }
}

export interface OpenBackup {
  manifest: Manifest
  key: BackupKey
}

/** Every backup in the target, oldest first. */
export async function backupsIn(target: BackupTarget): Promise<{ id: string; verified: boolean }[]> {
  const found = new Map<string, boolean>()
  for await (const { name } of target.list('backups/')) {
    const [, id = '', file = ''] = name.split('/')
    if (!idShape.test(id)) continue // somebody else's
    found.set(id, found.get(id) === true || file === 'verified.json')
  }
  return [...found].map(([id, verified]) => ({ id, verified })).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Every part of a backup, with what is shared with other backups. */
export const partsOf = ({ records, log, photos, keys, rules }: Manifest): Part[] => [
  ...records.tables.map(({ part }) => part),
  ...log.partitions.flatMap(({ segments }) => segments),
  photos.index,
  ...[keys, rules].filter((part) => part !== undefined),
]

const sign = (key: BackupKey, manifest: Uint8Array, verifiedAt: string): Buffer =>
  macOf(key, Buffer.concat([Buffer.from(`${verifiedAt}\n`), manifest]))

const bytesIn = async (target: BackupTarget, name: string): Promise<Buffer> => buffer(await target.get(name))

const ofBackup = (target: BackupTarget, name: string, part: string): Promise<Buffer> =>
  bytesIn(target, name).catch((cause: unknown) => {
    throw cause instanceof NotInTarget ? new DamagedPart(part, 'is missing', { cause }) : cause
  })

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
