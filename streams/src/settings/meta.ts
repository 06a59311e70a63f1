import type { z } from 'zod'

/** What the table of keys tells of a key besides its shape. */
export interface KeyMeta {
  /** what it means, in one line */
  description?: string
  /** never printed, and may be given as a file: `NAME_FILE` */
  secret?: boolean
  /** its value is the path of one that must be there */
  names?: 'file' | 'folder'
}

export const metaOf = (key: z.ZodType): KeyMeta => (key.meta() ?? {}) as KeyMeta
