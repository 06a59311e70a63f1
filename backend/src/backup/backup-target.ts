import type { Readable } from 'node:stream'

/** An object in the target: its name, and its size as it lies there. */
export interface TargetObject {
  name: string
  bytes: number
}

/**
 * Where backups go: a folder on another machine's disk, or a bucket. It is trusted with nothing but keeping: what is put there
 * is encrypted already, and what comes back is checked. The promises, each a test of backup-target.contract.ts:
 * - `get` returns what was put, byte for byte, also after the target was opened anew.
 * - An object is there whole or not at all: a put that fails midway leaves what was there before.
 * - `list` names every object below a prefix once; `size` tells an object's bytes, undefined where there is none.
 * - What is not there is a NotInTarget; deleting it is no error.
 * - A name stays inside the target: path tricks are refused before anything is touched.
 */
export interface BackupTarget {
  /** durable when it resolves; replaces what was there */
  put(name: string, content: Uint8Array | Readable): Promise<void>
  get(name: string): Promise<Readable>
  size(name: string): Promise<number | undefined>
  /** `prefix` ends with a slash, or is empty */
  list(prefix: string): AsyncIterable<TargetObject>
  delete(name: string): Promise<void>
  /** rejects with a sentence that says what to do when backups could not be written now */
  check(): Promise<void>
  close(): void
}

export class NotInTarget extends Error {
  constructor(readonly object: string) {
    super(`There is no ${object} in the backup target.`)
    this.name = 'NotInTarget'
  }
}

/** Throws unless the name is one of ours: parts of letters, digits, ".", "-" and "_", none of which begins with a dot. */
export function requireTargetName(name: string): void {
  if (name.length > 400 || !/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name))
    throw new TypeError('The name of an object in the backup target is not one of ours.')
}
