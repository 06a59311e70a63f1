import { createHash } from 'node:crypto'

/** JSON with sorted keys: the same for documents that differ in comments, spacing or order of keys only. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]))
}

/** Hash of everything a rule is made of, in a fixed order. */
export const versionOf = (made: readonly unknown[]): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(made)))
    .digest('hex')
    .slice(0, 12)
