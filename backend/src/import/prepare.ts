import type { Finding } from './codes.js'
import { checkRow, photosNamedBy, type CheckedRow, type PhotoWish, type RowRules } from './check-row.js'
import type { PhotoIndex } from './photo-index.js'
import type { PhotoFile } from './photo-source.js'
import type { RawRow } from './read-rows.js'

export interface PreparedRow {
  row: number
  /** absent: it is refused for the findings */
  checked?: CheckedRow
  findings: Finding[]
  photos: { kind: PhotoWish['kind']; file: PhotoFile }[]
}

/** Every row as far as the table and the names of the photos tell: what each brings, and what is wrong with it. */
export function prepareRows(rows: readonly RawRow[], rules: RowRules, index: PhotoIndex): PreparedRow[] {
  const numbers = new Set<string>()
  const prepared = rows.map((raw): PreparedRow => {
    const checked = checkRow(raw, rules)
    const findings = Array.isArray(checked) ? [...checked] : []
    const photos = photosNamedBy(raw.values).flatMap(({ kind, name }) => {
      const file = index.find(name)
      if (typeof file !== 'string') return [{ kind, file }]
      findings.push({ code: file, column: kind })
      return []
    })
    if (Array.isArray(checked)) return { row: raw.row, findings, photos }
    const number = `${checked.owner.branch}\0${checked.input.id_number}`
    if (numbers.has(number)) findings.push({ code: 'duplicate_in_file', column: 'id_number' })
    numbers.add(number)
    return { row: raw.row, checked, findings, photos }
  })
  // Which of two rows a photo belongs to is known only to whoever made the file: neither gets it.
  for (const { photos, findings } of prepared)
    for (const { kind, file } of photos)
      if (index.isShared(file)) findings.push({ code: 'photo_used_twice', column: kind })
  return prepared.map(({ checked, ...row }) => (row.findings.length ? row : { ...row, checked }))
}
