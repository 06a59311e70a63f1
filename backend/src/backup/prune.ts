import type { BackupKey } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { backupsIn, openBackup, partsOf, timeOf, type OpenBackup } from './manifest.js'
import { photoHashes } from './photos.js'
import { toKeep, type Keep } from './retention.js'

export interface Pruned {
  removed: number
  /** backups that do not open: nothing that is shared was removed, since nobody knows what they need */
  unreadable: string[]
}

/**
 * Removes backups that retention no longer keeps, and half ones that no process is writing any more; then the objects that
 * none of the others needs. Some hundred bytes of memory for a photo that is kept. Nobody else may be writing to the target.
 * Only what opens counts: a stranger's folder with a date in the future drives no backup out.
 */
export async function prune(target: BackupTarget, keys: readonly BackupKey[], keep: Keep): Promise<Pruned> {
  const open = new Map<string, OpenBackup>()
  const unreadable: string[] = []
  const half: string[] = []
  for (const { id, verified } of await backupsIn(target)) {
    if (!verified) half.push(id)
    else
      await openBackup(target, keys, id).then(
        (backup) => open.set(id, backup),
        () => unreadable.push(id),
      )
  }
  const kept = toKeep(
    [...open.keys()].map((id) => ({ id, at: timeOf(id) })),
    keep,
  )
  const gone = [...half, ...[...open.keys()].filter((id) => !kept.has(id))]
  for (const id of gone) await removeBackup(target, id)
  if (unreadable.length > 0) return { removed: gone.length, unreadable }

  const needed = [...kept].map((id) => open.get(id)!)
  await sweep(target, 'log/', segmentsOf(needed))
  await sweep(target, 'photos/', await photosOf(target, needed))
  return { removed: gone.length, unreadable }
}

const segmentsOf = (backups: OpenBackup[]): Set<string> =>
  new Set(backups.flatMap(({ manifest }) => partsOf(manifest).map(({ object }) => shortOf(object))))

async function photosOf(target: BackupTarget, backups: OpenBackup[]): Promise<Set<string>> {
  const wanted = new Set<string>()
  for (const { manifest, key } of backups)
    for await (const hash of photoHashes(target, key, manifest.photos.index)) wanted.add(shortOf(hash))
  return wanted
}

/** The beginning of the file's name; two that agree in it only keep each other. */
const shortOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).slice(0, 23)

async function sweep(target: BackupTarget, folder: string, wanted: Set<string>): Promise<void> {
  for await (const { name } of target.list(folder)) if (!wanted.has(shortOf(name))) await target.delete(name)
}

/** Its mark first: a backup that is half removed must not look whole. */
async function removeBackup(target: BackupTarget, id: string): Promise<void> {
  await target.delete(`backups/${id}/verified.json`)
  for await (const { name } of target.list(`backups/${id}/`)) await target.delete(name)
}
