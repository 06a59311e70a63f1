import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { PhotoNotFound, PhotoStoreUnavailable, type PhotoStore } from '../photo-store/photo-store.js'
import type { Session } from '../record-store/session.js'
import type { BackupKey } from './backup-key.js'
import { NotInTarget, type BackupTarget } from './backup-target.js'
import { objectOf, type Manifest } from './manifest.js'
import { DamagedPart, linesOf, readPart, writePart } from './parts.js'

/** A line of the index: which sealed object stood under this key. `sha256` null: the store had lost it already. */
const IndexLine = z.strictObject({ key: z.string(), sha256: z.string().nullable(), bytes: z.number().int() })
type IndexLine = z.infer<typeof IndexLine>

const pageSize = 500
const atOnce = 8
const attempts = 5
const pauseMs = 1000

/** Sealed objects lie in the target under the hash of their bytes, whichever backups need them. */
export const photoObject = (sha256: string): string => `photos/${sha256.slice(0, 2)}/${sha256}`

/**
 * Copies the sealed objects that the snapshot's rows name, as they are. Each is read in full, so that what the disk has lost
 * shows here first; what the target has already is not written again, and what is written is read back.
 */
export async function copyOutPhotos(
  session: Session,
  photos: PhotoStore,
  target: BackupTarget,
  key: BackupKey,
  id: string,
): Promise<Manifest['photos'] & { written: number }> {
  const total = { objects: 0, bytes: 0, lost: 0, written: 0 }
  const copyOne = async (photoKey: string): Promise<IndexLine> => {
    const sealed = await readWhole(photos, photoKey)
    if (!sealed) {
      total.lost++
      return { key: photoKey, sha256: null, bytes: 0 }
    }
    const sha256 = hashOf(sealed)
    if ((await target.size(photoObject(sha256))) !== sealed.length) {
      await target.put(photoObject(sha256), sealed)
      await photoInTarget(target, { key: photoKey, sha256, bytes: sealed.length })
      total.written++
    }
    total.objects++
    total.bytes += sealed.length
    return { key: photoKey, sha256, bytes: sealed.length }
  }
  const index = async function* (): AsyncGenerator<Uint8Array> {
    for await (const keys of pagesOfKeys(session)) {
      for (const line of await inTurn(keys, copyOne)) yield Buffer.from(`${JSON.stringify(line)}\n`)
    }
  }
  const part = await writePart(target, key, { name: 'photos', object: `${objectOf(id, 'photos')}.age` }, index())
  return { index: part, ...total }
}

/** Hands every photo of a backup to `use`, checked; resolves when all of them were used and the index was whole. */
export async function eachPhoto(
  target: BackupTarget,
  key: BackupKey,
  { index }: Manifest['photos'],
  use: (photoKey: string, sealed: Buffer) => Promise<void>,
): Promise<void> {
  let page: IndexLine[] = []
  const flush = async () => {
    await inTurn(page, async (line) => {
      if (line.sha256 !== null) await use(line.key, await photoInTarget(target, line))
    })
    page = []
  }
  for await (const line of linesOf(readPart(target, key, index))) {
    page.push(IndexLine.parse(JSON.parse(line)))
    if (page.length >= pageSize) await flush()
  }
  await flush()
}

/** Hashes of the objects that a backup needs, for whoever clears up. */
export async function* photoHashes(target: BackupTarget, key: BackupKey, index: Manifest['photos']['index']) {
  for await (const line of linesOf(readPart(target, key, index))) {
    const { sha256 } = IndexLine.parse(JSON.parse(line))
    if (sha256 !== null) yield sha256
  }
}

async function photoInTarget(target: BackupTarget, { key, sha256, bytes }: IndexLine): Promise<Buffer> {
  if (sha256 === null) throw new DamagedPart(`photos/${key}`, 'is missing')
  let sealed: Buffer
  try {
    sealed = await buffer(await target.get(photoObject(sha256)))
  } catch (cause) {
    throw cause instanceof NotInTarget ? new DamagedPart(`photos/${key}`, 'is missing', { cause }) : cause
  }
  if (sealed.length !== bytes || hashOf(sealed) !== sha256) throw new DamagedPart(`photos/${key}`, 'was altered or cut')
  return sealed
}

async function* pagesOfKeys(session: Session): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const rows = await session.query<{ id: string; object_key: string; thumbnail_key: string }>(
      'select id, object_key, thumbnail_key from photos where id > $1 order by id limit $2',
      [after, pageSize],
    )
    const last = rows.at(-1)
    if (!last) return
    yield rows.flatMap((row) => [row.object_key, row.thumbnail_key])
    after = last.id
  }
}

async function readWhole(photos: PhotoStore, key: string): Promise<Buffer | undefined> {
  try {
    return await patiently(async () => buffer((await photos.get(key)).stream))
  } catch (error) {
    if (error instanceof PhotoNotFound) return undefined
    throw error
  }
}

/** Nobody waits for a backup: a store that is busy, and turns people away for it, is asked again. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof PhotoStoreUnavailable) || attempt === attempts) throw error
      await sleep(pauseMs * attempt)
    }
  }
}

/** A few at a time; results in the order of the items. */
async function inTurn<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))))
  return results
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
