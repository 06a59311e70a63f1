import { accessSync, constants, statSync } from 'node:fs'
import type { z } from 'zod'
import { metaOf } from './meta.js'

/** Files and folders that keys name and that are not there, or that this user may not read. */
export function unreadable(keys: z.ZodRawShape, env: Record<string, string | undefined>): string[] {
  return Object.entries(keys).flatMap(([name, key]) => {
    const [{ names }, path] = [metaOf(key as z.ZodType), env[name]]
    if (!names || !path || canRead(path, names)) return []
    return [`${name} names a ${names} that is not there or cannot be read`]
  })
}

function canRead(path: string, what: 'file' | 'folder'): boolean {
  try {
    accessSync(path, what === 'file' ? constants.R_OK : constants.R_OK | constants.X_OK)
    return what === 'file' ? statSync(path).isFile() : statSync(path).isDirectory()
  } catch {
    return false
  }
}
